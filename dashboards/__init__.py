"""The web backend: incidents, users, recordings, and the pages. Alone owns the database."""
