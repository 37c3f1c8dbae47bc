"""The population system: does a citizen number belong to a name? One file set a dialect."""
