"""Evidence packs: what an inspector takes along, and the one file that verifies it offline."""
