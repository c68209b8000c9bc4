"""The gate before a release: staging judged in memory, and the reports of it."""
