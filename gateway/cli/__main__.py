"""`python -m gateway.cli`: the command without its installed name."""

from gateway.cli import main

if __name__ == "__main__":
    main()
