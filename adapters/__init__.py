"""How we speak to each system: one folder a system, the same files in each."""
