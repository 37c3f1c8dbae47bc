"""Status changes to whoever is entitled to them: each subscription a stream 1, 2, 3… without gaps.

A change is recorded in the transaction that makes it (`recording`), numbered after its commit and
laid into each subscription's stream (`publishing`), and read from there by pull and push alike.
"""
