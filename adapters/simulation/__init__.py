"""What the simulators share: the control routes, the fault plan, the log, the clock, the socket."""
