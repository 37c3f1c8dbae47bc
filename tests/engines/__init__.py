"""Real PostgreSQL and Redis servers for the tests, started without root and without installing."""
