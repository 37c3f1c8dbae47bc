"""The person index: who a record belongs to, which numbers a child has had, how records match."""
