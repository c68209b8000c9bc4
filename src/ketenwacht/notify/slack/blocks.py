"""Renders messages as Slack blocks, within Slack's limits for any message.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks, section 3,000 characters, header 150). A
message here has at most 20 blocks and 10,000 characters, which every client accepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ketenwacht.domain.message import Message, Problem
from ketenwacht.domain.statement import Amount, Language
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.notify.base import answers_of, clean, headline_sign, phrase, sign_of

Block = dict[str, Any]

MAX_BLOCKS = 20
MAX_TEXT = 10_000
MAX_SECTION = 3000
MAX_HEADER = 150
MAX_ANSWER = 500

ACKNOWLEDGE, SNOOZE, WHY = "ketenwacht_acknowledge", "ketenwacht_snooze", "ketenwacht_why"
_BUTTONS = ((ACKNOWLEDGE, "acknowledge"), (SNOOZE, "snooze"), (WHY, "why"))


def escape(text: str) -> str:
    """Return text that Slack shows unchanged: no link, no mention, no control character."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, most: int) -> str:
    """Return at most `most` characters; never cut inside an escape sequence."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    start = short.rfind("&", max(0, len(short) - 5))
    if start >= 0 and ";" not in short[start:]:
        short = short[:start]
    return f"{short}…"


def root_text(message: Message) -> str:
    """Return the line for notifications and for clients without blocks."""
    return cut(f"{headline_sign(message)} {escape(message.headline)}".strip(), MAX_SECTION)


def root_blocks(message: Message, *, buttons: bool) -> list[Block]:
    """Return a whole message; with `buttons`, every active problem has buttons."""
    head = f"{headline_sign(message)} {clean(message.headline)}".strip()
    blocks: list[Block] = [{"type": "header", "text": _plain(head or message.kind, MAX_HEADER)}]
    for problem in message.problems:
        blocks.append(_section(_problem(message, problem)))
        if buttons and problem.active:
            blocks.append(_actions(message, problem))
    if message.more:
        blocks.append(_section(escape(phrase(message, "more", count=Amount(message.more)))))
    blocks.extend(
        _section(part) for part in _pack([escape(line) for line in message.lines if clean(line).strip()])
    )
    return _limit(blocks)


def reply_text(message: Message) -> str:
    """Return the changes, for the thread."""
    return cut("\n".join(escape(change) for change in message.changes) or root_text(message), MAX_SECTION)


def snooze_form(language: Language, private: str, *, today: str) -> Block:
    """Return the form that asks for the reason and the last day of a snooze.

    Slack returns `private` with the answers; `today` (ISO) is the initial date.
    """
    formatter = MessageFormatter(language)
    return {
        "type": "modal",
        "callback_id": SNOOZE,
        "private_metadata": private,
        "title": _plain(formatter.phrase("snooze_title"), 24),
        "submit": _plain(formatter.phrase("submit"), 24),
        "close": _plain(formatter.phrase("cancel"), 24),
        "blocks": [
            {
                "type": "input",
                "block_id": "reason",
                "label": _plain(formatter.phrase("snooze_reason"), MAX_HEADER),
                "element": {"type": "plain_text_input", "action_id": "reason", "min_length": 3, "max_length": 300},
            },
            {
                "type": "input",
                "block_id": "until",
                "label": _plain(formatter.phrase("snooze_until"), MAX_HEADER),
                "element": {"type": "datepicker", "action_id": "until", "initial_date": today},
            },
        ],
    }


def _problem(message: Message, problem: Problem) -> str:
    lines = [f"{sign_of(problem)} *{escape(problem.severity)}* · {escape(problem.state)}"]
    lines += [
        f"*{escape(label)}:* {cut(escape(text), MAX_ANSWER)}" for label, text in answers_of(message, problem)
    ]
    if problem.link is not None and problem.link.startswith(("https://", "http://")):
        lines.append(f"<{quote(problem.link, safe=':/?=&%#.~-_')}>")
    return "\n".join(lines)


def _actions(message: Message, problem: Problem) -> Block:
    elements = [
        {
            "type": "button",
            "action_id": action,
            "value": problem.incident,
            "text": _plain(phrase(message, key), 75),
        }
        for action, key in _BUTTONS
    ]
    return {"type": "actions", "elements": elements}


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": text if len(text) <= most else f"{text[: most - 1]}…", "emoji": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, MAX_SECTION), "verbatim": True}}


def _pack(lines: Sequence[str]) -> list[str]:
    """Join the lines into as few texts as fit in sections."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) + 1 <= MAX_SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts


def _limit(blocks: list[Block]) -> list[Block]:
    """Return it as many blocks as fit in one message."""
    fitting: list[Block] = []
    length = 0
    for block in blocks[:MAX_BLOCKS]:
        length += len(block["text"]["text"]) if "text" in block else 0
        if length > MAX_TEXT:
            break
        fitting.append(block)
    return fitting
