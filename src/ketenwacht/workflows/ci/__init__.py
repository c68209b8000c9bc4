"""Check a release: judge staging in memory, and write reports."""
