"""What Jisui does, one package a capability."""
