"""The doors of enrolment queries: asking, the list of queries and papers, stops, shields."""
