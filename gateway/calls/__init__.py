"""One upstream call: recorded before and after, bounded in time, retried by failure class."""
