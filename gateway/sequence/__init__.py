"""Numbers committed rows 1, 2, 3… without gaps: the one way in which anything here is numbered."""
