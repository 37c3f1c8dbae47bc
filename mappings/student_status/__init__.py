"""The canonical record and the national primary and secondary register, both ways."""
