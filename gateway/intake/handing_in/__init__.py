"""A list is taken in: drafted on paper, held against the roll, written whole, confirmed."""
