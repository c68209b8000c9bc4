"""The page of a contract in Markdown and in HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.resources import files

from .model import Contract
from .page import ContractPage, PageSection, page_of

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def page_markdown(contract: Contract, language: str) -> str:
    """The page in Markdown; ends with a line feed."""
    page = page_of(contract, language)
    lines = [f"# {_escaped(page.title)}", "", _escaped(page.subtitle), ""]
    for section in _filled(page):
        lines += [f"## {_escaped(section.title)}", ""]
        lines += [line for sentence in section.sentences for line in (_escaped(sentence), "")]
        if section.rows:
            lines += [_row(section.heads), _row(["---"] * len(section.heads), plain=True)]
            lines += [_row(row) for row in section.rows]
            lines.append("")
    return "\n".join([*lines, _escaped(page.fingerprint), ""])


def _filled(page: ContractPage) -> list[PageSection]:
    return [section for section in page.sections if section.rows or section.sentences]


def _row(cells: Sequence[str], *, plain: bool = False) -> str:
    return f"| {' | '.join(cell if plain else _escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def page_html(contract: Contract, language: str) -> str:
    """The page as one HTML file: no script, nothing from outside, readable on paper."""
    page = page_of(contract, language)
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join(_section(section) for section in _filled(page))
    title, subtitle = html.escape(page.title), html.escape(page.subtitle)
    return (
        f'<!doctype html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p>{subtitle}</p>\n{body}\n"
        f"</main>\n<footer><p>{html.escape(page.fingerprint)}</p></footer>\n</body>\n</html>\n"
    )


def _section(section: PageSection) -> str:
    parts = [f"<h2>{html.escape(section.title)}</h2>"]
    parts += [f"<p>{html.escape(sentence)}</p>" for sentence in section.sentences]
    if section.rows:
        heads = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in section.heads)
        rows = "\n".join(_html_row(row) for row in section.rows)
        label = html.escape(section.title, quote=True)
        parts.append(
            f'<div class="wide" role="region" aria-label="{label}" tabindex="0">\n<table>\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
        )
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _html_row(row: Sequence[str]) -> str:
    first, *others = (html.escape(cell) for cell in row)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
