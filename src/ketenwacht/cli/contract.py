"""Commands about the contract: export and import as ODCS, diff between versions, page to sign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError, describe_file_fault

from .options import Feed, Options
from .output import ExitCode, default_formatter, print_json, print_line

if TYPE_CHECKING:
    from ketenwacht.contract import ImportNote

contract = typer.Typer(help="The contract of a feed: export, import, diff, page.", no_args_is_help=True)
Out = Annotated[
    Path | None, typer.Option("--out", metavar="F", help="Write to this file; otherwise it is printed.")
]
Version = Annotated[str, typer.Argument(help="ODCS file, config.yaml, REVISION:path, or a git revision.")]


class FailOn(Enum):
    """The mildest change that fails."""

    BREAKING = "breaking"
    TIGHTENING = "tightening"
    LOOSENING = "loosening"
    EDITORIAL = "editorial"


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    contract.command("export")(export)
    contract.command("import")(import_)
    contract.command("diff")(diff)
    contract.command("page")(page)
    app.add_typer(contract, name="contract")


def export(context: typer.Context, feed: Feed = None, to: Out = None) -> None:
    """Write the contract of a feed as ODCS v3.1, without secrets."""
    from ketenwacht.contract import format_yaml, to_odcs
    from ketenwacht.workflows.contracts import load_contract

    options: Options = context.obj
    document = to_odcs(load_contract(options.config, feed, overrides=options.overrides))
    text = json.dumps(document, ensure_ascii=False) + "\n" if options.json else format_yaml(document)
    _give(text, to, options)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An ODCS v3 file.")],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="The project to write; nothing in it is overwritten.")
    ] = Path(),
    *,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Take sources, paths and ${VARIABLES} of the file too.")
    ] = False,
) -> None:
    """Make suite, checks and configuration of an ODCS file, and say what could not be taken over."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows.contracts import import_odcs

    options: Options = context.obj
    written = import_odcs(file, into, trusted=trusted)
    if options.json:
        notes = [
            {"where": n.where, "kind": n.kind, "outcome": n.outcome.value, "why": n.why} for n in written.notes
        ]
        feeds = [one.feed for one in written.contracts]
        print_json(
            {
                "schema": "ketenwacht/contract-import/1",
                "feeds": feeds,
                "files": [str(p) for p in written.paths],
                "notes": notes,
            }
        )
        return
    for path in written.paths:
        print_line(default_formatter().label("cli.wrote", path=str(path)))
    rules = sum(len(suite.expectations) for one in written.contracts for suite in one.suites)
    print_line(
        default_formatter().label("cli.contracts", feeds=Amount(len(written.contracts)), rules=Amount(rules))
    )
    _tell(written.notes)


def _tell(notes: Sequence[ImportNote]) -> None:
    for outcome in dict.fromkeys(note.outcome for note in notes):
        own = [note for note in notes if note.outcome is outcome]
        print_line(f"{outcome.value}: {len(own)}")
        for note in own:
            print_line(f"  {note.where} ({note.kind}): {note.why}")


def diff(
    context: typer.Context,
    before: Version,
    after: Version,
    feed: Annotated[str | None, typer.Option("--feed", help="Only this feed.")] = None,
    fail_on: Annotated[FailOn | None, typer.Option("--fail-on", help="Exit 1 from this change on.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", metavar="F", help="Write a changelog.")] = None,
) -> None:
    """Name what changed between two versions, and what it means for the sender and the receiver."""
    from ketenwacht.contract import ChangeEffect, format_changes_json, format_changes_markdown, format_changes_text
    from ketenwacht.workflows.contracts import compare_versions

    options: Options = context.obj
    changes = compare_versions(before, after, options.config, feed=feed)
    text = (
        json.dumps(format_changes_json(changes), ensure_ascii=False)
        if options.json
        else format_changes_text(changes)
    )
    print_line(text)
    if markdown is not None:
        _write(format_changes_markdown(changes, before=before, after=after), markdown)
    failed = fail_on is not None and any(c.effect >= ChangeEffect[fail_on.name] for c in changes)
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.PASSED)


def page(context: typer.Context, feed: Feed = None, to: Out = None) -> None:
    """Write the contract for the people who sign it: HTML for F.html, otherwise Markdown."""
    from ketenwacht.contract import format_page_html, format_page_markdown
    from ketenwacht.workflows.contracts import configured_language, load_contract

    options: Options = context.obj
    found = load_contract(options.config, feed, overrides=options.overrides)
    language = configured_language(options.config, overrides=options.overrides)
    html = to is not None and to.suffix.lower() in (".html", ".htm")
    if to is not None and not html and to.suffix.lower() not in (".md", ".markdown"):
        raise ConfigError("--out", "the page is HTML or Markdown", "name it F.html or F.md")
    text = format_page_html(found, language) if html else format_page_markdown(found, language)
    if options.json and to is None:
        text = json.dumps({"schema": "ketenwacht/contract-page/1", "text": text}, ensure_ascii=False)
    _give(text, to, options)


def _give(text: str, to: Path | None, options: Options) -> None:
    if to is None:
        print_line(text.removesuffix("\n"))
        return
    _write(text, to)
    told = {"schema": "ketenwacht/contract-written/1", "path": str(to)}
    said = (
        json.dumps(told, ensure_ascii=False)
        if options.json
        else default_formatter().label("cli.wrote", path=str(to))
    )
    print_line(said)


def _write(text: str, to: Path) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"cannot be written ({describe_file_fault(error)})"
        raise ConfigError(f"--out {to}", what, "name another file") from None
