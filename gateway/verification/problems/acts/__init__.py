"""What people do with a problem record: propose and confirm, decide, refer, send back, close."""
