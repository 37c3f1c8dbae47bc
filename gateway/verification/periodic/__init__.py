"""Periodic verification (定期核验): each semester records are compared and rosters signed."""
