"""The draft of a new feed from what its sample speaks for."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from ketenwacht.config.templates import CheckDraft, FeedDraft, TemplateLine, listed, quoted
from ketenwacht.domain.source import FileSource, TableSource
from ketenwacht.measure.suggest import SuiteSuggestion
from ketenwacht.sources.in_database import LOCATIONS
from ketenwacht.sources.sample import ENCODINGS, Sample

URL_VARIABLE = "KETENWACHT_SOURCE_URL"
BUDGET = 1.0
"""False alarms a year of each check that has a budget."""


def drafted(name: str, sample: Sample, found: SuiteSuggestion, folder: Path) -> FeedDraft:
    """The files of a feed `name` in `folder`, before they are written."""
    why = found.reasons
    rhythm = found.rhythm
    schedule = None
    if rhythm is not None:
        parts = [f'cron: "{rhythm.cron}"', f"grace: {rhythm.grace}h"]
        parts += [f"calendar: {rhythm.calendar}"] if rhythm.calendar is not None else []
        parts += [f"lag: {rhythm.lag}d"] if rhythm.lag else []
        schedule = TemplateLine("{" + ", ".join(parts) + "}", f"{rhythm.name}: {rhythm.reason}")
    checks = tuple(_checks(sample, found))
    return FeedDraft(
        feed=name,
        title=name,
        source=tuple(_source(sample, found, folder)),
        segments=TemplateLine("[" + ", ".join(listed(dims) for dims in found.segments) + "]", why["segments"]),
        checks=checks,
        expectations=tuple(rule.to_json() for rule in found.rules),
        budget=BUDGET * sum("false_alarms_per_year: 1" in check.settings for check in checks),
        period_column=found.period_column,
        schedule=schedule,
        no_schedule=f": {why['schedule']}" if schedule is None else "",
        in_place=isinstance(sample.source, TableSource)
        and sa.make_url(sample.source.url).get_backend_name() in LOCATIONS,
        key=TemplateLine(quoted(found.key), why["key"]) if found.key is not None else None,
    )


def _source(sample: Sample, found: SuiteSuggestion, folder: Path) -> list[TemplateLine]:
    source = sample.source
    if isinstance(source, TableSource):
        lines = [
            TemplateLine("kind: table"),
            TemplateLine(f"url: {_url(source, folder)}"),
            TemplateLine(f"table: {quoted(source.table)}"),
        ]
    else:
        path = os.path.relpath(Path(source.path).resolve(), folder.resolve())
        lines = [
            TemplateLine("kind: files"),
            TemplateLine(f"path: {quoted(path)}"),
            TemplateLine(f"reader: {source.reader}"),
        ]
        if source.pattern is not None:
            lines.append(TemplateLine(f"pattern: {quoted(source.pattern)}", "from the name of the sample"))
        if source.encoding != ENCODINGS[0]:
            why_this = f"the sample is not valid in {ENCODINGS[0]}: ask the sender which one it is"
            lines.append(TemplateLine(f"encoding: {source.encoding}", why_this))
        if source.manifest is not None:
            lines.append(TemplateLine(f"manifest: {quoted(source.manifest)}", "there is one beside the sample"))
    why = found.reasons
    if found.period_column is not None:
        lines.append(TemplateLine(f"period_column: {quoted(found.period_column)}", why["period_column"]))
    if found.period_formats:
        lines.append(
            TemplateLine(f"period_format: {quoted(found.period_formats[0])}", "the layout that every row has")
        )
    if found.count_column is not None:
        lines.append(TemplateLine(f"count_column: {quoted(found.count_column)}", why["count_column"]))
    return lines


def _checks(sample: Sample, found: SuiteSuggestion) -> list[CheckDraft]:
    segments = found.segments[1:]
    manifest = isinstance(sample.source, FileSource) and sample.source.manifest is not None
    budget = "false_alarms_per_year: 1"
    checks = [CheckDraft("schedule", "is it there, readable, and on time?")] if found.rhythm is not None else []
    if manifest:
        checks.append(CheckDraft("ledger", "the sender numbers and describes its deliveries"))
    checks.append(
        CheckDraft(
            "schema", f"the {len(found.columns)} columns of the sample", (f"columns: {listed(found.columns)}",)
        )
    )
    checks.append(CheckDraft("contract", "the expectation suite, each expectation by its severity"))
    if found.always_filled and found.count_column is None:
        fields = ", ".join(f"{quoted(name)}: 1.0" for name in found.always_filled)
        checks.append(CheckDraft("completeness", "never empty in the sample", (f"fields: {{{fields}}}",)))
    if found.drifting:
        why = "empty in part of the rows of the sample: told when that share grows"
        checks.append(CheckDraft("drift", why, (f"columns: {listed(found.drifting)}", budget)))
    if found.coverage:
        expected = [f"  - {{{quoted(name)}: {listed(codes)}}}" for name, codes in found.coverage.items()]
        why = "nine deliveries in ten of the sample have them all"
        checks.append(CheckDraft("coverage", why, ("within: 60d", "expected:", *expected)))
    if manifest:
        checks.append(CheckDraft("control_total", "what the sender says it selected and sent", (budget,)))
    checks.append(CheckDraft("volume", "the whole feed against its own history", (budget,)))
    for dims in segments:
        own = (f"name: {quoted('volume-' + '-'.join(dims))}", f"segments: {listed(dims)}", budget)
        checks.append(CheckDraft("volume", "a loss in one group hides in the whole", own))
    by = segments[0] if segments else ()
    why = "what covers it besides the feed's own word; without it: unproven"
    checks.append(CheckDraft("evidence", why, (f"segments: {listed(by)}",) if by else ()))
    return checks


def _url(source: TableSource, folder: Path) -> str:
    """The URL for the file: a relative SQLite path from the new folder, a password left to the environment."""
    url = sa.make_url(source.url)
    if url.password is not None:
        return f'"${{{URL_VARIABLE}}}" # holds a password: set it in the environment'
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=os.path.relpath(Path(url.database).resolve(), folder.resolve()))
    return quoted(url.render_as_string())
