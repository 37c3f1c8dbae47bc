"""The preschool form and the canonical record, both ways."""
