"""The national data-sharing platform as a way to the population base."""
