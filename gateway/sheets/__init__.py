"""Sheets of children as people hand them in and get them back: xlsx, CSV and JSON, row by row."""
