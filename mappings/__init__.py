"""How their words become ours and ours theirs: crosswalk tables and a closed set of rules."""
