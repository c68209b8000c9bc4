"""Steps from each revision of the history to the next, in Alembic's format."""
