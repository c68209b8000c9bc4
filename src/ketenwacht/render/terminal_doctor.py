"""One line a thing that `doctor` looked at."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rich.console import Console
from rich.text import Text

from ketenwacht.domain.status import Status
from ketenwacht.messages.views import clean

from .terminal import STYLE, glyphs_of

MARKS: Mapping[str, Status] = MappingProxyType(
    {
        "fine": Status.PASSED,
        "absent": Status.SKIPPED,
        "warning": Status.WARNED,
        "misconfigured": Status.FAILED,
        "unreachable": Status.FAILED,
        "stuck": Status.FAILED,
    }
)
"""How a thing is → the verdict whose mark and colour it gets."""


def print_symptom(trouble: str, subject: str, said: str, mend: str, console: Console) -> None:
    """Print a mark, what it is about, what was found and what to do, on one line that is not cut."""
    glyphs = glyphs_of(console)
    status = MARKS[trouble]
    line = Text.assemble(
        (glyphs.marks[status], STYLE[status]),
        " ",
        (clean(subject), "bold" if status is Status.FAILED else ""),
        f": {clean(said)}",
        f" {'—' if glyphs.dash != '-' else '-'} {clean(mend)}" if mend else "",
    )
    console.print(line, soft_wrap=True)
