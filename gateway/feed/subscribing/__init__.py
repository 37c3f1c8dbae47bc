"""Subscriptions: granted, changed, suspended, resumed and stopped by operators, all on record."""
