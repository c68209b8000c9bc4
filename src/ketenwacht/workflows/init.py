"""A new feed: its files written from nothing, or from what a sample speaks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ketenwacht.config.calendar import public_holidays
from ketenwacht.config.templates import (
    CheckDraft,
    FeedDraft,
    TemplateLine,
    check_name,
    listed,
    rendered,
    write_new,
)
from ketenwacht.domain.source import FileSource, TableSource
from ketenwacht.domain.statement import Persons
from ketenwacht.errors import ConfigError
from ketenwacht.measure import open_workspace
from ketenwacht.measure.suggest import SuiteSuggestion, suggest
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.sources import check_form, compile_pattern, readings
from ketenwacht.sources.sample import Sample, load_sample, sample_of

from .drafting import BUDGET, URL_VARIABLE, drafted

TIMEZONE = "Europe/Amsterdam"
DEFAULT = "my-feed"


@dataclass(frozen=True, slots=True)
class InitResult:
    """What was written.

    Attributes:
        feed: its name.
        files: that were written.
        suggested: what the sample spoke for, None without a sample.
        notes: what the user must know or do.
    """

    feed: str
    files: tuple[Path, ...]
    suggested: SuiteSuggestion | None = None
    notes: tuple[str, ...] = ()


def start_feed(folder: Path, *, feed: str | None = None) -> InitResult:
    """Write the commented files of a feed that nothing is known of.

    Raises:
        ConfigError: a file is in the way, or the name is none.
    """
    name = check_name(feed or DEFAULT, "--feed")
    expectation = {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "meta": {"check_id": "has-rows", "title": {"nl": "Een levering heeft rijen", "en": "A delivery has rows"}},
        "severity": "warning",
    }
    draft = FeedDraft(
        feed=name,
        title=name,
        source=(
            TemplateLine("kind: files", "files | table"),
            TemplateLine("path: deliveries", "the folder with a file for each delivery"),
            TemplateLine('pattern: "{date:%Y%m%d}.csv"', "a name has a date, a {sequence:06d}, or both"),
            TemplateLine("reader: csv", "csv | jsonl | parquet"),
        ),
        segments=TemplateLine("[[]]", "counted as a whole; add [column] for every group that could go missing"),
        checks=(
            CheckDraft("schema", "columns added, gone, renamed, retyped"),
            CheckDraft("contract", "the expectation suite, each expectation by its severity"),
            CheckDraft("volume", "the feed's own history", ("false_alarms_per_year: 1",)),
            CheckDraft("evidence", "what covers the feed besides its own word; without it: unproven"),
        ),
        expectations=(expectation,),
        budget=BUDGET,
    )
    return InitResult(
        name, write_new(folder, rendered(draft)), notes=("put the deliveries in, and adapt the files",)
    )


def start_feed_from(
    folder: Path, sample: str, *, feed: str | None = None, period_format: str | None = None
) -> InitResult:
    """Write the files of a feed from what a sample of it speaks for.

    Args:
        folder: where to write.
        sample: a csv, jsonl or parquet file, or `URL#table`.
        feed: its name; None: after the file or table.
        period_format: how its periods are written; None: what all of them fit.

    Raises:
        ConfigError: a file is in the way, or the sample has no period, or it is not sure which.
        DeliveryError: the sample cannot be read.
    """
    found = sample_of(sample)
    name = check_name(feed or _named_after(found), "--feed")
    zone = ZoneInfo(TIMEZONE)
    if period_format is not None:
        check_form(period_format, "--period-format")
        if _dates(found):
            what = "the sample is one delivery of many, and its name says the period"
            raise ConfigError("--period-format", what, "leave it out")
    with open_workspace() as room:
        columns = load_sample(found, room, zone=zone)
        suggested = suggest(
            room,
            columns,
            readings=lambda texts: readings(texts, zone, period_format),
            holidays=public_holidays,
            dates=_dates(found),
        )
    if suggested.first is None:
        raise ConfigError(
            sample,
            "no column holds a period in every row, and the name of the file has no date",
            "add a column with a date, a month or a week, or put the date into the name; "
            'say with --period-format "%d %m %Y" how an unusual one is written',
        )
    if len(suggested.period_formats) > 1:
        listed_forms = " or ".join(f'"{form}"' for form in suggested.period_formats)
        raise ConfigError(
            sample,
            f"the periods in {suggested.period_column} can be read in more than one way, and no row decides",
            f"ask the sender, and say which with --period-format {listed_forms}",
        )
    written = write_new(folder, rendered(drafted(name, found, suggested, folder)))
    return InitResult(name, written, suggested, tuple(_notes(found)))


def _notes(sample: Sample) -> list[str]:
    source = sample.source
    if isinstance(source, TableSource) and sa.make_url(source.url).password is not None:
        return [f"the URL holds a password and was not written: set {URL_VARIABLE}"]
    return []


def _dates(sample: Sample) -> tuple[date, ...]:
    """The dates of the deliveries beside a sample that is one of them, its own first; () when it holds periods."""
    source = sample.source
    if not isinstance(source, FileSource) or source.pattern is None or sample.path is None:
        return ()
    pattern = compile_pattern(source.pattern)
    names = [sample.path.name, *sorted(path.name for path in sample.path.parent.iterdir())]
    found = (pattern.match(name) for name in names)
    return tuple(named.period for named in found if named is not None and named.period is not None)


def _named_after(sample: Sample) -> str:
    source = sample.source
    text = source.table if isinstance(source, TableSource) else sample.path.stem if sample.path is not None else ""
    words = "".join(c if c.isascii() and c.isalpha() else " " for c in text).split()
    return "-".join(words).lower() or DEFAULT


def summary(suggested: SuiteSuggestion) -> Mapping[str, str]:
    """Setting → what is suggested and why, in one line each; no value of a row."""
    why = suggested.reasons
    rhythm = suggested.rhythm
    lines = {
        "sample": f"{MessageFormatter().value(Persons(suggested.rows))} rows, {len(suggested.columns)} columns",
        "period": f"{suggested.period_column} ({why['period_column']})"
        if suggested.period_column
        else "in the name",
        "counts": f"{suggested.count_column} ({why['count_column']})"
        if suggested.count_column
        else "a row is a record",
        "schedule": f"{rhythm.name} ({rhythm.reason})" if rhythm is not None else f"none ({why['schedule']})",
        "segments": f"{listed([d for dims in suggested.segments for d in dims])} ({why['segments']})",
        "key": f"{suggested.key} ({why['key']})" if suggested.key is not None else "none found",
    }
    return lines | {rule.id: f"{rule.title['en']} ({rule.reason})" for rule in suggested.rules}
