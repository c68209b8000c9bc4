"""The history: the only place that talks to its database."""

from .database import check_url
from .grounds import Grounds, Papers
from .history import History

__all__ = ["Grounds", "History", "Papers", "check_url"]
