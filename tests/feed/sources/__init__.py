"""Where changes come from: what Jisui does itself, and what the registers tell of."""
