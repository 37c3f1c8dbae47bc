"""The doors to periodic verification: rounds for offices, rosters for schools, the report."""
