"""The history: the only place that talks to its database."""
