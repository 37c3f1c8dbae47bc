"""How long what entries say of children is kept, and who may keep it longer."""
