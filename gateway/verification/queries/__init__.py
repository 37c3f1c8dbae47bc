"""Single verification queries: one claim, answered while somebody waits, or a place to ask."""
