"""The history: the only place that talks to its database."""

from .grounds import Grounds, Papers
from .history import History

__all__ = ["Grounds", "History", "Papers"]
