"""The command `jisui`."""
