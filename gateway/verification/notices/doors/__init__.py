"""The doors of notices: units send them, the county looks at each correction and decides."""
