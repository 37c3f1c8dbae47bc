"""What decides without asking anybody: states, precedence, turns, wording, the plans of the writes."""
