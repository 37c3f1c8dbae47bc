"""Who is asking, for which purpose, in which case, within which area; everything else is denied."""
