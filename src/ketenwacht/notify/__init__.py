"""Media for alerts: a folder for each medium, behind one protocol. A new medium is one line in `KINDS`."""

from .base import Notifier, Picture
from .notifiers import KINDS, open_notifiers

__all__ = ["KINDS", "Notifier", "Picture", "open_notifiers"]
