"""A clock that several processes share and that a test can set; it runs as fast as the real one."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

_AHEAD = struct.Struct(
    "<d"
)  # seconds that it is ahead of the machine's monotonic clock, which all processes share


class SharedClock:
    """What a process takes for the present moment, wherever it runs."""

    def __init__(self, file: Path, *, starts: datetime | None = None) -> None:
        if starts is not None:
            file.write_bytes(_AHEAD.pack(starts.timestamp() - monotonic()))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), _AHEAD.size)

    def __call__(self) -> datetime:
        """This moment (UTC)."""
        return datetime.fromtimestamp(_AHEAD.unpack(self._shared[:])[0] + monotonic(), UTC)

    def move(self, seconds: float) -> None:
        """Set it forward, or back."""
        self._shared[:] = _AHEAD.pack(_AHEAD.unpack(self._shared[:])[0] + seconds)
