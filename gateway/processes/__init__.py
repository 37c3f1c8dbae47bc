"""The long-lived commands as coroutines: serve, work, simulate; each says when it is ready."""
