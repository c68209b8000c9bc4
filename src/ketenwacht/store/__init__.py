"""The history: the only place that talks to its database."""

from .database import check_url
from .grounds import Grounds, Papers
from .history import History
from .seats import Seat, seat_of

__all__ = ["Grounds", "History", "Papers", "Seat", "check_url", "seat_of"]
