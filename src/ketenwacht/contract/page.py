"""What the page for the people who sign a contract says, from the same source as the file that programs read."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from .model import ENGINE, Contract, Node, Tree
from .overtime import says
from .page_words import KINDS, code_text, form_of_files, level, settings_text, value_text, word
from .render import to_odcs
from .trees import jsonable, one_text

_MOST_CODES = 40
"""A code table with more codes than this is told by its size and its first and last code."""


@dataclass(frozen=True, slots=True)
class PageSection:
    """One part of the page: sentences, then a table; a table without rows is left out."""

    title: str
    sentences: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ContractPage:
    """What both forms of the page say."""

    language: str
    title: str
    subtitle: str
    sections: tuple[PageSection, ...]
    fingerprint: str


def page_of(contract: Contract, language: str) -> ContractPage:
    """The page's content.

    Args:
        contract: of one feed.
        language: nl or en; what was written in one language stays as it was written.
    """
    document = to_odcs(contract)

    def say(key: str) -> str:
        return word(key, language)

    described = document["schema"][0]
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return ContractPage(
        language=say("lang"),
        title=f"{say('contract')}: {one_text(contract.settings.get('title'), language) or document['name']}",
        subtitle=" · ".join(
            [str(document["id"]), *(f"{say(key)} {document[key]}" for key in ("version", "status"))]
        ),
        sections=(
            PageSection(say("about"), tuple(_about(document, language))),
            PageSection(
                say("delivery"), (), (say("what"), say("agreed")), tuple(_levels(document, contract, language))
            ),
            PageSection(
                say("columns"),
                _sentence(described.get("description")),
                (say("column"), say("type"), say("asked"), say("meaning")),
                tuple(_columns(described, language)),
            ),
            PageSection(
                say("rules"),
                (),
                (say("rule"), say("weight"), say("settings"), say("id")),
                tuple(_rules(described, contract, language)),
            ),
            PageSection(
                say("checks"),
                (),
                (say("rule"), say("settings"), say("id")),
                tuple(_checks(described, contract, language)),
            ),
            PageSection(
                say("codes"), (), (say("table"), say("number"), say("first")), tuple(_codes(contract, language))
            ),
            PageSection(
                say("unjudged"), (), (say("what"), say("agreed")), tuple(_unjudged(document, contract, language))
            ),
            PageSection(
                say("people"), (), (say("name"), say("role"), say("what")), tuple(_people(document, language))
            ),
            PageSection(
                say("sign"),
                (),
                (say("organisation"), say("name"), say("role"), say("date"), say("signature")),
                tuple((party, "", "", "", "") for party in _parties(document)),
            ),
        ),
        fingerprint=f"{say('digest')}: {hashlib.sha256(text.encode()).hexdigest()}",
    )


def _sentence(text: Node) -> tuple[str, ...]:
    return (" ".join(str(text).split()),) if text else ()


def _parties(document: Tree) -> list[str]:
    named = {role.get("role"): str(role.get("description")) for role in document["roles"]}
    return [named["sender"], named["receiver"]]


def _about(document: Tree, language: str) -> Iterator[str]:
    sender, receiver = _parties(document)
    yield f"{sender} {word('delivers', language)}; {receiver} {word('receives', language)}."
    description = document.get("description")
    if isinstance(description, dict):
        for key in ("purpose", "usage", "limitations"):
            if description.get(key):
                yield f"{word(key, language)}: {' '.join(str(description[key]).split())}"


def _levels(document: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for item in document.get("slaProperties") or ():
        name, unit = str(item.get("property")), str(item.get("unit") or "")
        meaning = level(name, language, str(item.get("description") or name))
        shown_unit = "" if unit in ("cron", "country", "dates", "iana") else f" {unit}"
        yield meaning, f"{value_text(item.get('value'), language)}{shown_unit}".strip()
    form = form_of_files(contract.settings.get("source") or {})
    if form:
        yield word("form", language), settings_text(form, language)
    for server in document["servers"]:
        native = {
            k: v for k, v in server.items() if k not in ("server", "type", "environment", "customProperties")
        }
        yield str(server.get("server")), value_text({"type": server.get("type"), **native}, language)


def _columns(described: Tree, language: str) -> Iterator[tuple[str, ...]]:
    for prop in described.get("properties") or ():
        flags = [("primaryKey", "key"), ("required", "required"), ("unique", "unique")]
        asked = ", ".join(word(name, language) for key, name in flags if prop.get(key) is True)
        types = " / ".join(str(prop[key]) for key in ("logicalType", "physicalType") if key in prop)
        meaning = " — ".join(str(prop[key]) for key in ("businessName", "description") if prop.get(key))
        yield str(prop.get("name")), types, asked, meaning


def _quality(described: Tree) -> Iterator[tuple[str, Tree]]:
    for item in described.get("quality") or ():
        yield "", item
    for prop in described.get("properties") or ():
        for item in prop.get("quality") or ():
            yield str(prop.get("name")), item


def _rules(described: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    """The rules that are judged: what each says, how heavily it weighs, and with which values."""
    judged = _judged(contract)
    for column, item in _quality(described):
        raw = judged.get(str(item.get("name") or ""))
        if raw is not None:
            severity = str(raw.get("severity") or "critical")
            weight = word(severity, language) if severity in ("critical", "warning", "info") else severity
            title = one_text((raw.get("meta") or {}).get("title"), language) or item.get("description")
            said = str(title or f"{column} {item.get('name', '')}".strip())
            yield said, weight, settings_text(raw.get("kwargs") or {}, language), str(item.get("name") or "")


def _judged(contract: Contract) -> dict[str, Tree]:
    """Every expectation, by its check_id."""
    listed = (raw for suite in contract.suites for raw in suite.expectations)
    return {str((raw.get("meta") or {}).get("check_id") or raw.get("type")): raw for raw in listed}


def _checks(described: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for _, item in _quality(described):
        if item.get("engine") == ENGINE:
            body = item.get("implementation") or {}
            kind = str(body.get("kind"))
            said = KINDS.get(kind, says(kind)) if language == "nl" else says(kind)
            settings = {key: value for key, value in body.items() if key not in ("kind", "name")}
            yield said or kind, settings_text(settings, language), str(item.get("name"))
    for mask in contract.checks.get("declared") or ():
        yield word("declared", language), settings_text(jsonable(dict(mask)), language), ""


def _codes(contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for name, rows in sorted(contract.codes.items()):
        codes = [code_text(row, language) for row in rows]
        listed = codes if len(codes) <= _MOST_CODES else [codes[0], "…", codes[-1]]
        yield name, str(len(codes)), "; ".join(listed)


def _unjudged(document: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    judged, described = _judged(contract), document["schema"][0]
    for column, item in _quality(described):
        if item.get("engine") != ENGINE and str(item.get("name") or "") not in judged:
            said = item.get("description") or {k: v for k, v in item.items() if k != "name"}
            yield f"{column} {item.get('name', '')}".strip() or str(item.get("type")), value_text(said, language)
    for key in ("price", "tags", "domain", "tenant", "dataProduct"):
        if document.get(key):
            yield key, value_text(document[key], language)


def _people(document: Tree, language: str) -> Iterator[tuple[str, ...]]:
    team = document.get("team") or {}
    for member in team.get("members") or ():
        yield (
            str(member.get("name") or member.get("username")),
            str(member.get("role") or ""),
            value_text(member.get("description"), language),
        )
    for item in document.get("support") or ():
        yield (
            str(item.get("channel")),
            str(item.get("tool") or ""),
            value_text(item.get("description") or item.get("url"), language),
        )


# The page of a contract in Markdown and in HTML.


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
