"""The doors of batches: hand one in, watch it, steer it, fetch its result."""
