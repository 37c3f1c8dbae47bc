"""Verification queries: is this document number this child's, says the population register."""
