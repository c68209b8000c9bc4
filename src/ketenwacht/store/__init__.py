"""The history: the only place that talks to its database."""

from .history import History

__all__ = ["History"]
