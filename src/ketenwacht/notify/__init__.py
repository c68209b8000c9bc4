"""Ways to tell people: one file a medium, all behind one protocol."""

from ketenwacht.domain.wording import compose

from .base import Notifier
from .build import KINDS, open_notifiers

__all__ = ["KINDS", "Notifier", "compose", "open_notifiers"]
