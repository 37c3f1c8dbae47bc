"""The routes of intake, and what callers see through them."""
