"""Silence made visible: the heartbeat, how far each subscriber lags, and who stopped asking."""
