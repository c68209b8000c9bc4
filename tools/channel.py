"""Write a channel as it stands after a replay: every root message as it was edited last, with its thread.

.venv/bin/python tools/channel.py var/history.replay.db              prints it
.venv/bin/python tools/channel.py var/history.replay.db --docs       puts it into docs/incidents.md
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import UPDATE, Message
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.notify.base import answers_of, clean, headline_sign
from ketenwacht.store import History

MANUAL = Path(__file__).resolve().parents[1] / "docs/incidents.md"
BEGIN, END = "<!-- channel: written by tools/channel.py -->", "<!-- channel: end -->"
_SHOWN = re.compile(rf"{re.escape(BEGIN)}\n```text\n(.*?)```\n{re.escape(END)}", re.DOTALL)
WIDTH = 118
TO_ALL = {"nl": "ook in het kanaal zelf", "en": "also in the channel itself"}
"""A change that everybody sees, and not only who follows the thread."""


def write_channel(alerts: Sequence[Alert]) -> str:
    """Return the channel of the first route as text, then how many messages it took.

    Args:
        alerts: those of the outbox, oldest first.
    """
    route = alerts[0].route if alerts else ""
    topics: dict[str, list[tuple[Alert, Message]]] = {}
    for alert in alerts:
        if alert.route == route and alert.kind in {"incident", "recovery", UPDATE, "digest"}:
            topics.setdefault(alert.topic, []).append((alert, Message.from_json(alert.body)))
    told = {name: [one for one in rows if one[0].kind != UPDATE] for name, rows in topics.items()}
    lines = [line for name, rows in topics.items() if told[name] for line in _topic(rows)]
    roots = sum(bool(rows) for rows in told.values())
    posts = sum(max(0, len(rows) - 1) for rows in told.values())
    edits = sum(len(rows) - 1 for name, rows in topics.items() if told[name])
    lines.append(f"root messages: {roots}; posts in their threads: {posts}; edits of a root message: {edits}")
    return "\n".join(lines) + "\n"


def _topic(rows: Sequence[tuple[Alert, Message]]) -> Iterator[str]:
    (first, _), newest = rows[0], rows[-1][1]
    formatter = MessageFormatter("en" if newest.language == "en" else "nl")
    yield f"{formatter.short_day(first.created_at.date())}  {headline_sign(newest)} {clean(newest.headline)}"
    for problem in newest.problems:
        yield f"    {problem.severity} · {problem.state}"
        for label, text in answers_of(newest, problem):
            yield textwrap.fill(
                f"{label}: {text}",
                WIDTH,
                initial_indent="    ",
                subsequent_indent="      ",
                break_on_hyphens=False,
            )
    for line in newest.lines:
        yield f"    {clean(line)}"
    for alert, message in rows:
        if alert is not first and alert.kind != UPDATE:
            loud = f" ({TO_ALL[message.language]})" if message.broadcast else ""
            for change in message.changes:
                yield textwrap.fill(
                    f"↳ {clean(change)}{loud}", WIDTH, initial_indent="    ", subsequent_indent="      "
                )
    yield ""


def main(history: str, *, docs: bool) -> None:
    """Print the channel of a history, or put it into the manual."""
    with History.open(f"sqlite:///{history}", create=False) as opened:
        text = write_channel([row.alert for row in opened.outbox.find()])
    if not docs:
        sys.stdout.write(text)
        return
    show_channel(text)


def read_channel(manual: str) -> str:
    """Return the channel that the manual shows; empty without one."""
    found = _SHOWN.search(manual)
    return "" if found is None else found[1]


def show_channel(text: str) -> None:
    """Put a channel into the manual."""
    block = f"{BEGIN}\n```text\n{text}```\n{END}"
    manual = MANUAL.read_text(encoding="utf-8")
    MANUAL.write_text(_SHOWN.sub(lambda _: block, manual), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], docs="--docs" in sys.argv[2:])
