"""The worker's steps and chores: look up, decide, carry, undo, wake, watch the clocks."""
