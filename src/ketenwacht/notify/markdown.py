"""Messages as Markdown, for reports, merge requests and job summaries."""

from __future__ import annotations

import re
from urllib.parse import quote

from ketenwacht.domain.message import Message, Problem
from ketenwacht.domain.statement import Amount

from .base import answers, clean, headline_sign, phrase, sign

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~@&$-])")


def escape(text: str) -> str:
    """Text in which no character means anything to Markdown or HTML, on one line."""
    return _SPECIAL.sub(r"\\\1", clean(text)).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def render(message: Message) -> str:
    """A whole message."""
    parts = [f"## {headline_sign(message)} {escape(message.headline)}".replace("##  ", "## ")]
    parts.extend(_problem(message, problem) for problem in message.problems)
    if message.more:
        parts.append(escape(phrase(message, "more", count=Amount(message.more))))
    if message.lines:
        parts.append("\n".join(f"- {escape(line)}" for line in message.lines))
    return "\n\n".join(parts) + "\n"


def render_changes(message: Message) -> str:
    """Only what is new."""
    return "\n".join(f"- {escape(change)}" for change in message.changes) + "\n"


def _problem(message: Message, problem: Problem) -> str:
    lines = [f"### {sign(problem)} {escape(problem.severity)}, {escape(problem.state)}", ""]
    for name, (label, text) in zip(("", "", "", "", "", "look"), answers(message, problem), strict=True):
        shown = f"`{text.replace('`', '')}`" if name == "look" else escape(text)
        lines.append(f"- **{escape(label)}**: {shown}")
    if problem.link is not None and problem.link.startswith(("https://", "http://")):
        lines.append(f"- <{quote(problem.link, safe=':/?=&%#.~-_')}>")
    return "\n".join(lines)
