"""Ways to tell people: one file a medium, all behind one protocol."""

from .base import Notifier, Picture
from .notifiers import KINDS, open_notifiers

__all__ = ["KINDS", "Notifier", "Picture", "open_notifiers"]
