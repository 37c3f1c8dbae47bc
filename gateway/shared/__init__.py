"""What the processes of one gateway share and may lose at any time: Redis, and what stands in."""
