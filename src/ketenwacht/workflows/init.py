"""Write the files of a new feed, from nothing or from a sample."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ketenwacht.config.calendar import dues, public_holidays
from ketenwacht.config.load import load_settings
from ketenwacht.config.templates import (
    CheckDraft,
    FeedDraft,
    TemplateLine,
    check_name,
    quote,
    quote_list,
    render_feed,
    render_template,
    write_new,
)
from ketenwacht.config.validate import build
from ketenwacht.config.yaml_file import interpolate
from ketenwacht.dialects import find_dialect
from ketenwacht.domain.feed import FileSource, RemoteAccess, TableSource
from ketenwacht.domain.statement import Language, Persons
from ketenwacht.errors import ConfigError, format_count
from ketenwacht.measure import ValueRules, clean_values, open_workspace
from ketenwacht.measure.suggest import SuiteSuggestion, suggest
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.simulate.template_samples import SampleOrder, find_leftovers, write_template_sample
from ketenwacht.sources import check_form, find_readings
from ketenwacht.sources.readers import check_delimiter, check_encoding
from ketenwacht.sources.sample import Sample, SampleAccess, open_sample
from ketenwacht.sources.sample_layout import ENCODINGS
from ketenwacht.sources.sample_rows import LoadedSample, load_sample

from . import clock

TIMEZONE = "Europe/Amsterdam"
DEFAULT = "my-feed"


@dataclass(frozen=True, slots=True)
class InitResult:
    """The files that were written.

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


def choose_language(environ: Mapping[str, str]) -> Language:
    """Return the language of messages for whoever uses this environment: Dutch in a Dutch locale, else English."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "nl" if locale.lower().startswith("nl") else "en"


def start_feed(folder: Path, *, language: Language, feed: str | None = None) -> InitResult:
    """Write the commented files of a feed about which nothing is known.

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
        language=language,
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
        name, write_new(folder, render_feed(draft)), notes=("put the deliveries in, and adapt the files",)
    )


_SAMPLE_DAYS = {"weekly-counts": 2 * 365}
"""How far back the fictional deliveries of a template go; others: a quarter of a year."""
_DAYS = 92
SAMPLE_FEED = "registrations"


def start_feed_of_template(
    folder: Path, template: str, *, feed: str | None, language: Language, now: datetime
) -> InitResult:
    """Write the files of a template, and fictional deliveries that fit it.

    Args:
        folder: where to write; without deliveries of an earlier try.
        template: its name.
        feed: name of the feed; None: `registrations`.
        language: of messages.
        now: every delivery that was due until now is written, so that nothing is missing yet.

    Raises:
        ConfigError: a file is in the way, or there is no such template.
    """
    name = check_name(feed or SAMPLE_FEED, "--feed")
    files = render_template(template, name, language)
    for path in find_leftovers(template, folder):
        raise ConfigError(str(path), "is there already, and nothing is overwritten", "choose another folder")
    written = write_new(folder, files)
    settings = load_settings(folder / "config.yaml", environ={})
    schedule = settings.feeds[name].schedule
    after = now - timedelta(days=_SAMPLE_DAYS.get(template, _DAYS))
    moments = () if schedule is None else dues(schedule, settings.timezone, after=after, until=now)
    zone = ZoneInfo(settings.timezone)
    order = SampleOrder(folder, name.replace("-", "_"), tuple(due.astimezone(zone) for due in moments))
    write_template_sample(template, order)
    return InitResult(name, written, notes=("the deliveries are fictional; README.md says how to make it yours",))


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """What the user knows of a sample, and need not be found.

    Attributes:
        period: the column with the period of a row.
        period_format: how periods are written.
        key: the columns that together identify a person, with commas between.
        delimiter: of CSV.
        encoding: of text.
        storage: how files elsewhere are reached: setting of `source.storage` → value; a secret as `${NAME}`.
        source: other settings of the source: name → value, as in config.yaml.
        language: of messages.
    """

    period: str | None = None
    period_format: str | None = None
    key: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    storage: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, object] = field(default_factory=dict)
    language: Language = "en"


def start_feed_from(
    folder: Path, sample: str, *, feed: str | None = None, options: SampleOptions | None = None
) -> InitResult:
    """Write the files of a feed as a sample of it suggests.

    Args:
        folder: where to write.
        sample: a file, a folder or glob of deliveries, their address, or `URL#table`.
        feed: its name; None: after the file or table.
        options: what the user knows of it.

    Raises:
        ConfigError: a file is in the way, or the sample has no period, or it is not sure which.
        DeliveryError: the sample cannot be read.
    """
    options = options or SampleOptions()
    check_delimiter(options.delimiter, "--delimiter")
    if options.encoding is not None:
        check_encoding(options.encoding, "--encoding")
    storage = _read_storage(options.storage)
    access = SampleAccess(options.delimiter, options.encoding, storage, _read_settings(options.source))
    with open_sample(sample, access) as found:
        return _start_from(found, folder, sample, feed, options)


_NO_PERIOD = "no column holds a period in every row, and the name of the file has no date."


def _read_storage(given: Mapping[str, str]) -> RemoteAccess | None:
    """Return how files elsewhere are reached, with variables filled in."""
    where = "--storage"
    for name, value in given.items():
        if name in _SECRETS and not value.startswith("${"):
            what = f"a {name} on the command line is seen by others, and would stand in config.yaml"
            raise ConfigError(where, what, f"write --storage '{name}=${{NAME}}', and set NAME in the environment")
    filled = {name: interpolate(value, clock.environment(), where=where) for name, value in given.items()}
    return build(RemoteAccess, filled, lambda _: where) if given else None


def _read_settings(given: Mapping[str, object]) -> dict[str, object]:
    """Return the settings of a source that the user named, validated."""
    where = "--source"
    for name, option in _OWN_OPTION.items():
        if name in given:
            raise ConfigError(where, f"`{name}` is found from the sample, or given by an option", f"use {option}")
    made = build(FileSource, {"kind": "files", "path": ".", **given}, lambda _: where)
    return {name: getattr(made, name) for name in given}


_OWN_OPTION = {
    "path": "--from",
    "kind": "--from",
    "storage": "--storage",
    "period_column": "--period",
    "period_format": "--period-format",
    "delimiter": "--delimiter",
    "encoding": "--encoding",
}
_SECRETS = ("secret", "token")


def _start_from(found: Sample, folder: Path, sample: str, feed: str | None, options: SampleOptions) -> InitResult:
    period_format = options.period_format
    name = check_name(feed or _name_after(found), "--feed")
    zone = ZoneInfo(TIMEZONE)
    if period_format is not None:
        check_form(period_format, "--period-format")
        if found.days:
            what = "the sample is one delivery of many, and its name says the period"
            raise ConfigError("--period-format", what, "leave it out")
    with open_workspace() as room:
        loaded = load_sample(found, room, zone=zone)
        found = loaded.sample
        clean_values(room, ValueRules(getattr(found.source, "empty_values", ())), lambda _: None)
        key = _split_key(options.key, [column.name for column in loaded.columns])
        _check_columns(options.period, key, [column.name for column in loaded.columns])
        suggested = suggest(
            room,
            loaded.columns,
            readings=lambda texts: find_readings(texts, zone, period_format),
            holidays=public_holidays,
            dates=found.days,
            period=options.period,
            key=key,
            whole_names=found.whole_periods,
        )
    if suggested.first is None:
        raise ConfigError(
            sample,
            " ".join([_NO_PERIOD, *suggested.notes, *loaded.notes]),
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
    draft = draft_files(name, loaded, suggested, folder, options)
    written = write_new(folder, render_feed(draft))
    return InitResult(name, written, suggested, (*_make_notes(found), *loaded.notes, *suggested.notes))


def _split_key(text: str | None, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a key; a name may hold a comma itself."""
    if text is None or text in columns:
        return (text,) if text is not None else ()
    return tuple(name.strip() for name in text.split(","))


def _check_columns(period: str | None, key: Sequence[str], columns: Sequence[str]) -> None:
    asked = [("--period", period), *(("--key", column) for column in key)]
    for option, column in asked:
        if column is not None and column not in columns:
            raise ConfigError(option, f"there is no column `{column}`", f"use one of: {', '.join(columns)}")


def _make_notes(sample: Sample) -> list[str]:
    source = sample.source
    if isinstance(source, TableSource) and sa.make_url(source.url).password is not None:
        return [f"the URL holds a password and was not written: set {URL_VARIABLE}"]
    return []


def _name_after(sample: Sample) -> str:
    source = sample.source
    stem = sample.path.name.partition(".")[0] if sample.path is not None else ""
    text = source.table if isinstance(source, TableSource) else stem
    words = "".join(c if c.isascii() and c.isalpha() else " " for c in text).split()
    return "-".join(words).lower() or DEFAULT


def summarise(suggested: SuiteSuggestion) -> Mapping[str, str]:
    """Return what is suggested for each setting and why, one line each, without values of a row."""
    why = suggested.reasons
    rhythm = suggested.rhythm
    rows = MessageFormatter().value(Persons(suggested.rows))
    lines = {
        "sample": f"{rows} rows, {format_count(len(suggested.columns), 'column')}",
        "period": f"{suggested.period_column} ({why['period_column']})"
        if suggested.period_column
        else "in the name",
        "counts": f"{suggested.count_column} ({why['count_column']})"
        if suggested.count_column
        else "a row is a record",
        "schedule": f"{rhythm.name} ({rhythm.reason})" if rhythm is not None else f"none ({why['schedule']})",
        "segments": f"{quote_list([d for dims in suggested.segments for d in dims])} ({why['segments']})",
        "key": f"{', '.join(suggested.key)} ({why['key']})" if suggested.key else "none found",
    }
    return lines | {rule.id: f"{rule.title['en']} ({rule.reason})" for rule in suggested.rules}


# The draft of a new feed, from a profile of its sample.


URL_VARIABLE = "KETENWACHT_SOURCE_URL"
BUDGET = 1.0
"""False alarms a year of each check that has a budget."""


def draft_files(
    name: str, loaded: LoadedSample, found: SuiteSuggestion, folder: Path, options: SampleOptions
) -> FeedDraft:
    """Return the files of a feed `name` in `folder`, before they are written."""
    sample, why = loaded.sample, found.reasons
    rhythm = found.rhythm
    schedule = None
    if rhythm is not None:
        parts = [f'cron: "{rhythm.cron}"', f"grace: {rhythm.grace}h"]
        parts += [f"calendar: {rhythm.calendar}"] if rhythm.calendar is not None else []
        parts += [f"lag: {rhythm.lag}d"] if rhythm.lag else []
        schedule = TemplateLine("{" + ", ".join(parts) + "}", f"{rhythm.name}: {rhythm.reason}")
    checks = tuple(_draft_checks(loaded, found))
    return FeedDraft(
        feed=name,
        title=name,
        language=options.language,
        source=tuple(_draft_source(sample, found, folder, options)),
        segments=TemplateLine("[" + ", ".join(quote_list(dims) for dims in found.segments) + "]", why["segments"]),
        checks=checks,
        expectations=tuple(rule.to_json() for rule in found.rules),
        budget=BUDGET * sum("false_alarms_per_year: 1" in check.settings for check in checks),
        period_column=found.period_column,
        schedule=schedule,
        no_schedule=f": {why['schedule']}" if schedule is None else "",
        in_place=isinstance(sample.source, TableSource)
        and find_dialect(sa.make_url(sample.source.url).get_backend_name()) is not None,
        key=_draft_key(found),
    )


def _draft_key(found: SuiteSuggestion) -> TemplateLine | None:
    if not found.key:
        return None
    text = quote(found.key[0]) if len(found.key) == 1 else quote_list(found.key)
    return TemplateLine(text, found.reasons["key"])


def _draft_source(
    sample: Sample, found: SuiteSuggestion, folder: Path, options: SampleOptions
) -> list[TemplateLine]:
    source = sample.source
    if isinstance(source, TableSource):
        lines = [
            TemplateLine("kind: table"),
            TemplateLine(f"url: {_draft_url(source, folder)}"),
            TemplateLine(f"table: {quote(source.table)}"),
        ]
    else:
        lines = _draft_files(source, folder, sample.address, options)
    why = found.reasons
    if found.period_column is not None:
        lines.append(TemplateLine(f"period_column: {quote(found.period_column)}", why["period_column"]))
    if found.period_formats:
        lines.append(
            TemplateLine(f"period_format: {quote(found.period_formats[0])}", "the layout that every row has")
        )
    if found.count_column is not None:
        lines.append(TemplateLine(f"count_column: {quote(found.count_column)}", why["count_column"]))
    return lines


def _draft_files(
    source: FileSource, folder: Path, address: str | None, options: SampleOptions
) -> list[TemplateLine]:
    path = address or os.path.relpath(Path(source.path).resolve(), folder.resolve())
    lines = [
        TemplateLine("kind: files"),
        TemplateLine(f"path: {quote(path)}"),
        TemplateLine(f"reader: {source.reader}"),
    ]
    if source.delimiter is not None:
        lines.append(TemplateLine(f"delimiter: {quote(source.delimiter)}", "of the header of the sample"))
    if source.compression is not None:
        lines.append(TemplateLine(f"compression: {source.compression}", "after the name of the sample"))
    if source.pattern is not None:
        lines.append(TemplateLine(f"pattern: {quote(source.pattern)}", "from the name of the sample"))
    if source.encoding == ENCODINGS[0] and source.reader in {"csv", "jsonl"}:
        lines.append(TemplateLine(f"encoding: {source.encoding}", "the sample is valid in it"))
    elif source.encoding != ENCODINGS[0]:
        marked = source.encoding.startswith("utf-16")
        why_this = f"the sample is not valid in {ENCODINGS[0]}: ask the sender which one it is"
        why_this = "after the first bytes of the sample" if marked else why_this
        lines.append(TemplateLine(f"encoding: {source.encoding}", why_this))
    lines += _draft_layout(source, options)
    if options.storage:
        given = ", ".join(f"{name}: {quote(value)}" for name, value in options.storage.items())
        lines.append(
            TemplateLine(f"storage: {{{given}}}", "as given; what is left out comes from the environment")
        )
    if source.manifest is not None:
        lines.append(TemplateLine(f"manifest: {quote(source.manifest)}", "there is one beside the sample"))
    return lines


_LAYOUT = {
    "row_path": "of the most frequent element of the sample",
    "skip_lines": "above the header of the sample",
    "skip_footer": "below the rows of every delivery of the sample",
    "ignore_unnamed": "columns without a name, empty in the sample",
    "skip_repeated_header": "rows of the sample repeat the header",
}
"""Settings that `init` finds → why, as a comment."""


def _draft_layout(source: FileSource, options: SampleOptions) -> Iterator[TemplateLine]:
    """Yield the settings of the shape of a file, as given or as found."""
    written = {"pattern", "manifest", "reader", "compression"}
    for name, value in options.source.items():
        if name not in written:
            yield TemplateLine(f"{name}: {json.dumps(value, ensure_ascii=False)}", "as given")
    for name, why in _LAYOUT.items():
        value = getattr(source, name)
        if value and name not in options.source:
            yield TemplateLine(f"{name}: {quote(value) if isinstance(value, str) else json.dumps(value)}", why)


def _draft_checks(loaded: LoadedSample, found: SuiteSuggestion) -> list[CheckDraft]:
    segments, sample = found.segments[1:], loaded.sample
    manifest = isinstance(sample.source, FileSource) and sample.source.manifest is not None
    budget = "false_alarms_per_year: 1"
    checks = [CheckDraft("schedule", "is it there, readable, and on time?")] if found.rhythm is not None else []
    if manifest:
        checks.append(CheckDraft("ledger", "the sender numbers and describes its deliveries"))
    columns = [f"columns: {quote_list(found.columns)}"]
    columns += [f"optional: {quote_list(loaded.optional)}"] if loaded.optional else []
    checks.append(
        CheckDraft("schema", f"the {format_count(len(found.columns), 'column')} of the sample", tuple(columns))
    )
    checks.append(CheckDraft("contract", "the expectation suite, each expectation by its severity"))
    if found.always_filled and found.count_column is None:
        fields = ", ".join(f"{quote(name)}: 1.0" for name in found.always_filled)
        checks.append(CheckDraft("completeness", "never empty in the sample", (f"fields: {{{fields}}}",)))
    if found.drifting:
        why = "empty in part of the rows of the sample: told when that share grows"
        checks.append(CheckDraft("drift", why, (f"columns: {quote_list(found.drifting)}", budget)))
    if found.coverage:
        expected = [f"  - {{{quote(name)}: {quote_list(codes)}}}" for name, codes in found.coverage.items()]
        why = "nine deliveries in ten of the sample have them all"
        checks.append(CheckDraft("coverage", why, ("within: 60d", "expected:", *expected)))
    if manifest:
        checks.append(CheckDraft("control_total", "what the sender says it selected and sent", (budget,)))
    for dims in segments:
        own = (f"name: {quote('vanished-' + '-'.join(dims))}", f"segments: {quote_list(dims)}", budget)
        checks.append(CheckDraft("vanished", "a group of which not one record comes any more", own))
    checks.append(CheckDraft("volume", "the whole feed against its own history", (budget,)))
    for dims in segments:
        own = (f"name: {quote('volume-' + '-'.join(dims))}", f"segments: {quote_list(dims)}", budget)
        checks.append(CheckDraft("volume", "a loss in one group hides in the whole", own))
    by = found.evidence_by
    why = "what covers it besides the feed's own word; without it: unproven"
    checks.append(CheckDraft("evidence", why, (f"segments: {quote_list(by)}",) if by else ()))
    return checks


def _draft_url(source: TableSource, folder: Path) -> str:
    """Return the URL for the file: a relative SQLite path from the new folder, without its password."""
    url = sa.make_url(source.url)
    if url.password is not None:
        return f'"${{{URL_VARIABLE}}}" # holds a password: set it in the environment'
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=os.path.relpath(Path(url.database).resolve(), folder.resolve()))
    return quote(url.render_as_string())
