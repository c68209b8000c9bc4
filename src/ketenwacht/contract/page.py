"""The page of a contract for the people who sign it, made from the same document as the export."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from ketenwacht.messages.texts.terms import REQUIRED

from .exporting import to_odcs
from .model import ENGINE, Contract, Node, Tree
from .page_words import (
    describe_level,
    format_code,
    format_settings,
    format_value,
    select_file_form,
    translate,
)
from .rules import describe_kind
from .trees import escape_markdown, pick_text, to_json_types

_MOST_CODES = 40
"""A longer code table is shown by its size and its first and last code."""


@dataclass(frozen=True, slots=True)
class PageSection:
    """One part of the page: sentences, then a table; the page omits a table without rows."""

    title: str
    sentences: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ContractPage:
    """The content of the page, whatever its format."""

    language: str
    title: str
    subtitle: str
    sections: tuple[PageSection, ...]
    fingerprint: str


def build_page(contract: Contract, language: str) -> ContractPage:
    """Return the content of the page.

    Args:
        contract: of one feed.
        language: nl or en; a text that exists in one language stays in it.
    """
    document = to_odcs(contract)

    def say(key: str) -> str:
        return translate(key, language)

    described = document["schema"][0]
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return ContractPage(
        language=say("lang"),
        title=f"{say('contract')}: {pick_text(contract.settings.get('title'), language) or document['name']}",
        subtitle=" · ".join(
            [str(document["id"]), *(f"{say(key)} {document[key]}" for key in ("version", "status"))]
        ),
        sections=(
            PageSection(say("about"), tuple(_list_about(document, language))),
            PageSection(
                say("delivery"),
                (),
                (say("what"), say("agreed")),
                tuple(_list_levels(document, contract, language)),
            ),
            PageSection(
                say("columns"),
                _list_sentence(described.get("description")),
                (say("column"), say("type"), say("asked"), say("meaning")),
                tuple(_list_columns(described, language)),
            ),
            PageSection(
                say("rules"),
                (),
                (say("rule"), say("weight"), say("settings"), say("id")),
                tuple(_list_rules(described, contract, language)),
            ),
            PageSection(
                say("checks"),
                (),
                (say("rule"), say("settings"), say("id")),
                tuple(_list_checks(described, contract, language)),
            ),
            PageSection(
                say("codes"),
                (),
                (say("table"), say("number"), say("first")),
                tuple(_list_codes(contract, language)),
            ),
            PageSection(
                say("unjudged"),
                (),
                (say("what"), say("agreed")),
                tuple(_list_unjudged(document, contract, language)),
            ),
            PageSection(
                say("people"), (), (say("name"), say("role"), say("what")), tuple(_list_people(document, language))
            ),
            PageSection(
                say("sign"),
                (),
                (say("organisation"), say("name"), say("role"), say("date"), say("signature")),
                tuple((party, "", "", "", "") for party in _list_parties(document)),
            ),
        ),
        fingerprint=f"{say('digest')}: {hashlib.sha256(text.encode()).hexdigest()}",
    )


def _list_sentence(text: Node) -> tuple[str, ...]:
    return (" ".join(str(text).split()),) if text else ()


def _list_parties(document: Tree) -> list[str]:
    named = {role.get("role"): str(role.get("description")) for role in document["roles"]}
    return [named["sender"], named["receiver"]]


def _list_about(document: Tree, language: str) -> Iterator[str]:
    sender, receiver = _list_parties(document)
    yield f"{sender} {translate('delivers', language)}; {receiver} {translate('receives', language)}."
    description = document.get("description")
    if isinstance(description, dict):
        for key in ("purpose", "usage", "limitations"):
            if description.get(key):
                yield f"{translate(key, language)}: {' '.join(str(description[key]).split())}"


def _list_levels(document: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for item in document.get("slaProperties") or ():
        name, unit = str(item.get("property")), str(item.get("unit") or "")
        meaning = describe_level(name, language, str(item.get("description") or name))
        shown_unit = "" if unit in ("cron", "country", "dates", "iana") else f" {unit}"
        yield meaning, f"{format_value(item.get('value'), language)}{shown_unit}".strip()
    form = select_file_form(contract.settings.get("source") or {})
    if form:
        yield translate("form", language), format_settings(form, language)
    for server in document["servers"]:
        native = {
            k: v for k, v in server.items() if k not in ("server", "type", "environment", "customProperties")
        }
        yield str(server.get("server")), format_value({"type": server.get("type"), **native}, language)


def _list_columns(described: Tree, language: str) -> Iterator[tuple[str, ...]]:
    for prop in described.get("properties") or ():
        flags = [("primaryKey", "key"), ("required", "required"), ("unique", "unique")]
        asked = ", ".join(translate(name, language) for key, name in flags if prop.get(key) is True)
        types = " / ".join(str(prop[key]) for key in ("logicalType", "physicalType") if key in prop)
        meaning = " — ".join(str(prop[key]) for key in ("businessName", "description") if prop.get(key))
        yield str(prop.get("name")), types, asked, meaning


def _list_quality_rules(described: Tree) -> Iterator[tuple[str, Tree]]:
    for item in described.get("quality") or ():
        yield "", item
    for prop in described.get("properties") or ():
        for item in prop.get("quality") or ():
            yield str(prop.get("name")), item


def _list_rules(described: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    """Yield each rule that is judged: its text, severity, settings and id."""
    judged = _index_expectations(contract)
    for column, item in _list_quality_rules(described):
        raw = judged.get(str(item.get("name") or ""))
        if raw is not None:
            severity = str(raw.get("severity") or "critical")
            weight = translate(severity, language) if severity in ("critical", "warning", "info") else severity
            title = pick_text((raw.get("meta") or {}).get("title"), language) or item.get("description")
            text = str(title or f"{column} {item.get('name', '')}".strip())
            yield text, weight, format_settings(raw.get("kwargs") or {}, language), str(item.get("name") or "")


def _index_expectations(contract: Contract) -> dict[str, Tree]:
    """Return every expectation by its check_id."""
    listed = (raw for suite in contract.suites for raw in suite.expectations)
    return {str((raw.get("meta") or {}).get("check_id") or raw.get("type")): raw for raw in listed}


def _list_checks(described: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for _, item in _list_quality_rules(described):
        if item.get("engine") == ENGINE:
            body = item.get("implementation") or {}
            kind = str(body.get("kind"))
            text = REQUIRED.get(kind, describe_kind(kind)) if language == "nl" else describe_kind(kind)
            settings = {key: value for key, value in body.items() if key not in ("kind", "name")}
            yield text or kind, format_settings(settings, language), str(item.get("name"))
    for mask in contract.checks.get("declared") or ():
        yield translate("declared", language), format_settings(to_json_types(dict(mask)), language), ""


def _list_codes(contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    for name, rows in sorted(contract.codes.items()):
        codes = [format_code(row, language) for row in rows]
        listed = codes if len(codes) <= _MOST_CODES else [codes[0], "…", codes[-1]]
        yield name, str(len(codes)), "; ".join(listed)


def _list_unjudged(document: Tree, contract: Contract, language: str) -> Iterator[tuple[str, ...]]:
    judged, described = _index_expectations(contract), document["schema"][0]
    for column, item in _list_quality_rules(described):
        if item.get("engine") != ENGINE and str(item.get("name") or "") not in judged:
            text = item.get("description") or {k: v for k, v in item.items() if k != "name"}
            yield f"{column} {item.get('name', '')}".strip() or str(item.get("type")), format_value(text, language)
    for key in ("price", "tags", "domain", "tenant", "dataProduct"):
        if document.get(key):
            yield key, format_value(document[key], language)


def _list_people(document: Tree, language: str) -> Iterator[tuple[str, ...]]:
    team = document.get("team") or {}
    for member in team.get("members") or ():
        yield (
            str(member.get("name") or member.get("username")),
            str(member.get("role") or ""),
            format_value(member.get("description"), language),
        )
    for item in document.get("support") or ():
        yield (
            str(item.get("channel")),
            str(item.get("tool") or ""),
            format_value(item.get("description") or item.get("url"), language),
        )


# The page in Markdown and in HTML.


def format_page_markdown(contract: Contract, language: str) -> str:
    """Return the page in Markdown; it ends with a line feed."""
    page = build_page(contract, language)
    lines = [f"# {escape_markdown(page.title)}", "", escape_markdown(page.subtitle), ""]
    for section in _select_filled(page):
        lines += [f"## {escape_markdown(section.title)}", ""]
        lines += [line for sentence in section.sentences for line in (escape_markdown(sentence), "")]
        if section.rows:
            lines += [_format_row(section.heads), _format_row(["---"] * len(section.heads), plain=True)]
            lines += [_format_row(row) for row in section.rows]
            lines.append("")
    return "\n".join([*lines, escape_markdown(page.fingerprint), ""])


def _select_filled(page: ContractPage) -> list[PageSection]:
    return [section for section in page.sections if section.rows or section.sentences]


def _format_row(cells: Sequence[str], *, plain: bool = False) -> str:
    return f"| {' | '.join(cell if plain else escape_markdown(cell) for cell in cells)} |"


def format_page_html(contract: Contract, language: str) -> str:
    """Return the page as one HTML file without scripts and external resources, readable on paper."""
    page = build_page(contract, language)
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join(_format_section(section) for section in _select_filled(page))
    title, subtitle = html.escape(page.title), html.escape(page.subtitle)
    return (
        f'<!doctype html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p>{subtitle}</p>\n{body}\n"
        f"</main>\n<footer><p>{html.escape(page.fingerprint)}</p></footer>\n</body>\n</html>\n"
    )


def _format_section(section: PageSection) -> str:
    parts = [f"<h2>{html.escape(section.title)}</h2>"]
    parts += [f"<p>{html.escape(sentence)}</p>" for sentence in section.sentences]
    if section.rows:
        heads = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in section.heads)
        rows = "\n".join(_format_html_row(row) for row in section.rows)
        label = html.escape(section.title, quote=True)
        parts.append(
            f'<div class="wide" role="region" aria-label="{label}" tabindex="0">\n<table>\n'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
        )
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def _format_html_row(row: Sequence[str]) -> str:
    first, *others = (html.escape(cell) for cell in row)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
