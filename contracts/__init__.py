"""What is promised: canonical types, code systems, the student number, failures, capabilities."""
