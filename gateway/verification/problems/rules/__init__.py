"""The rules of problem records: decided from what is handed in, without asking anybody."""
