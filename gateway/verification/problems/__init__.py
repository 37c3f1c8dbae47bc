"""Problem records (问题学籍): what is wrong with a record, whose turn it is, what settles it."""
