"""The doors to problem records: the list, its counts and sheet, one record, what people do."""
