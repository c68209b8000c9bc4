"""Independent evidence comes in: files of counts, and the sender's register."""

from __future__ import annotations

from .intake import Intake
from .known import known_then
from .snapshots import register_files

__all__ = ["Intake", "known_then", "register_files"]
