"""The commands."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `ketenwacht` with the arguments of this process, and leave with its exit code."""
    from .root import run

    sys.exit(run(sys.argv[1:]))
