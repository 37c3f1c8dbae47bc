"""The canonical record as a row of the national import template."""
