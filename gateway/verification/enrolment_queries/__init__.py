"""Public security asks us: is this child enrolled, since when, in which area; and no more."""
