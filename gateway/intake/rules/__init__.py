"""What decides without asking anybody: states, precedence, turns, words, plans of the writes."""
