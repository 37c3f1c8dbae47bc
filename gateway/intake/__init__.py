"""A school's list becomes one handover per child, and each handover walks its state machine."""
