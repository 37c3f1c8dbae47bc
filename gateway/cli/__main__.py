"""`python -m gateway.cli`: the command without its installed name."""

from gateway.cli import main

main()
