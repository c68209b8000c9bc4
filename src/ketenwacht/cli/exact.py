"""`digest --exact`: write the digest of this side, or answer that of the other side."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError

from .options import Options
from .output import ExitCode, default_formatter, open_console, print_json, print_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ketenwacht.reconcile import DigestPersons
    from ketenwacht.reconcile.exact import ExactDifference
    from ketenwacht.workflows.exact_digests import ExactOptions, WrittenDigest

Columns = tuple[tuple[str, ...], str | None]
"""Columns of the register: its key, and the date of decision."""


def run_exact(options: Options, wanted: ExactOptions, *, register: Path | None, columns: Columns) -> ExitCode:
    """Write an exact digest of this side, or compare this side with that of the other, and print the outcome.

    Raises:
        ConfigError: neither or both are asked for, or a file or key cannot be used.
    """
    from ketenwacht.workflows.exact_digests import answer_exact, write_exact

    if (wanted.target is None) == (wanted.against is None):
        raise ConfigError(
            "--exact", "needs one file: the digest to write, or the one to answer", "give --out or --against"
        )
    if wanted.against is None and (wanted.missing is not None or wanted.extra is not None):
        raise ConfigError("--missing", "belongs to a comparison", "give --against too")
    with _open_side(options, wanted.feed, register, columns) as (feed, persons):
        named = replace(wanted, feed=feed)
        if named.target is not None:
            _tell_written(write_exact(persons, named, named.target), named.target, options)
            return ExitCode.PASSED
        assert named.against is not None  # noqa: S101 - one of the two is given
        return _tell_found(answer_exact(persons, named, named.against), named, options)


@contextmanager
def _open_side(
    options: Options, feed: str, register: Path | None, columns: Columns
) -> Iterator[tuple[str, DigestPersons]]:
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.contexts import synthetic_keys
    from ketenwacht.workflows.digests import choose_columns, open_delivered_side
    from ketenwacht.workflows.exact_digests import open_register_side

    key, decided = columns
    if register is None:
        with open_delivered_side(
            options.load_project(), feed or None, at=clock.now(), on_warning=print_note, decided=decided
        ) as side:
            yield side
        return
    project = None if key else options.load_project()
    named = project.feed(feed or None) if project is not None else None
    nobody = synthetic_keys(project, named) if project is not None and named is not None else ()
    with open_register_side(register, choose_columns(named, key, decided), nobody=nobody) as persons:
        yield (named.name if named is not None else feed), persons


def _tell_written(made: WrittenDigest, path: Path, options: Options) -> None:
    from ketenwacht.domain.statement import Amount

    if options.json:
        shown = {"cells": made.cells, "bytes": made.size, "key_id": made.key_id}
        print_json({"schema": "ketenwacht/exact-written/1", "path": str(path), **shown})
        return
    formatter = default_formatter()
    params = {"cells": Amount(made.cells), "size": Amount(-(-made.size // 1000))}
    open_console().print(formatter.label("cli.exact_written", key=made.key_id, **params), markup=False)
    print_note(str(path), formatter.label("cli.written"))


def _tell_found(found: ExactDifference, wanted: ExactOptions, options: Options) -> ExitCode:
    from ketenwacht.domain.statement import Persons
    from ketenwacht.messages.public import public_counts

    # there is no project on the sender's side; where there is one, its limit for small counts holds
    formatter = options.load_project().formatter(language="en") if options.config.exists() else default_formatter()
    same = found.complete and not found.missing and not found.extra
    missing, extra = len(found.missing), len(found.extra)
    if options.json:
        counts = public_counts(missing=formatter.privacy.count(missing), extra=formatter.privacy.count(extra))
        shown = {"same": same, "complete": found.complete, **counts}
        print_json({"schema": "ketenwacht/exact-compared/1", **shown})
    else:
        label = "cli.exact_same" if same else "cli.exact_found" if found.complete else "cli.exact_more"
        params = {} if same else {"missing": Persons(missing), "extra": Persons(extra)}
        said = formatter.label(label, **params)
        open_console().print(said, markup=False, soft_wrap=True, style="" if same else "bold red")
    for path in (wanted.missing, wanted.extra):
        if path is not None:
            print_note(str(path), formatter.label("cli.written"))
    return ExitCode.PASSED if same else ExitCode.FAILED
