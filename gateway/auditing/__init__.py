"""What auditors ask of the evidence: who saw a child, whom an incident touched, a year in figures.

It stands above the rooms, because a child's trail leads through all of them.
"""
