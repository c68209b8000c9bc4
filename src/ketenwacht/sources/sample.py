"""Loads a sample for `init`: files or a table, read as strictly as deliveries, without a known period."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Literal

from ketenwacht.domain.feed import GIB, FileSource, RemoteAccess, TableSource
from ketenwacht.errors import ConfigError, DeliveryError

from .formats import format_of
from .names import compile_pattern
from .remote import SCHEMES, is_remote, open_remote
from .sample_layout import ENCODINGS, find_encoding, find_layout

_READERS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".xml": "xml",
}
_COMPRESSED: dict[str, Literal["gzip", "zstd", "zip"]] = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
_MOST_BYTES = 2 * GIB
MOST_FILES = 60
"""Deliveries of a folder to learn from; of more, as many are read, evenly spread."""
_YEAR, _MONTH, _DAY, _WEEK = (
    r"(?:19|20)\d{2}",
    r"(?:0[1-9]|1[0-2])",
    r"(?:0[1-9]|[12]\d|3[01])",
    r"(?:[0-4]\d|5[0-3])",
)
_WEEKS = ("W", "wk", "WK", "week", "Week", "w")
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"
_FORMS = (
    (rf"{_YEAR}{_MONTH}{_DAY}T?{_TIME}[0-5]\d", ("%Y%m%dT%H%M%S", "%Y%m%d%H%M%S")),
    (rf"{_YEAR}{_MONTH}{_DAY}T?{_TIME}", ("%Y%m%dT%H%M", "%Y%m%d%H%M")),
    (rf"{_YEAR}{_MONTH}{_DAY}", ("%Y%m%d",)),
    (rf"{_YEAR}([-_.]){_MONTH}\1{_DAY}", ("%Y-%m-%d", "%Y_%m_%d", "%Y.%m.%d")),
    (rf"{_DAY}([-_.]){_MONTH}\1{_YEAR}", ("%d-%m-%Y", "%d_%m_%Y", "%d.%m.%Y")),
    (rf"{_MONTH}([-_.]){_DAY}\1{_YEAR}", ("%m-%d-%Y", "%m_%d_%Y", "%m.%d.%Y")),
    (rf"{_DAY}{_MONTH}{_YEAR}", ("%d%m%Y",)),
    (rf"{_YEAR}[-_]?(?:{'|'.join(_WEEKS)}){_WEEK}", tuple(f"%G{a}{b}%V" for a in ("-", "_", "") for b in _WEEKS)),
    (rf"{_YEAR}[-_. ]{_MONTH}(?![-_.]\d\d(?!\d))", ("%Y-%m", "%Y_%m", "%Y.%m", "%Y %m")),
    (rf"(?<!\d[-_.]){_MONTH}[-_. ]{_YEAR}", ("%m-%Y", "%m_%Y", "%m.%Y", "%m %Y")),
    (rf"{_YEAR}{_MONTH}", ("%Y%m",)),
    (rf"{_MONTH}{_YEAR}", ("%m%Y",)),
    (rf"{_YEAR}(?![-_.]?\d)", ("%Y",)),
)
"""How names write a date, most exact first: what it looks like, and its layouts."""
_DATE = tuple((re.compile(rf"(?<!\d){form}(?!\d)"), layouts) for form, layouts in _FORMS)
_SEQUENCE = re.compile(r"(?<=[_-])(\d{3,7})(?=[_.-])")
_MANIFESTS = ("{stem}.manifest.json", "{stem}.json")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file or table to learn from.

    Attributes:
        source: as in the configuration of a feed; a period column that it needs is still empty.
        path: of the file; None for a table.
        days: the date of each delivery in the folder, oldest first; () when there is one file for all periods.
        address: where the files lie of which these are copies; None: they are the files themselves.
        given: the settings of the source that the user named.
    """

    source: FileSource | TableSource
    path: Path | None
    days: tuple[date, ...] = ()
    address: str | None = None
    given: tuple[str, ...] = ()

    @property
    def whole_periods(self) -> bool:
        """Whether the names say a month, week or year: such a delivery is complete when that has ended."""
        pattern = self.source.pattern if isinstance(self.source, FileSource) else None
        return pattern is not None and "%d" not in pattern


@dataclass(frozen=True, slots=True)
class SampleAccess:
    """How a sample is read that its files do not say.

    Attributes:
        delimiter: of CSV; None: found from the header.
        encoding: of text; None: found from its bytes.
        storage: how files elsewhere are reached.
        given: settings of the source that the user knows: name → value.
    """

    delimiter: str | None = None
    encoding: str | None = None
    storage: RemoteAccess | None = None
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting of the source that the user knows."""
        known = {"delimiter": self.delimiter, "encoding": self.encoding}
        return {**self.given, **{name: value for name, value in known.items() if value is not None}}


@contextmanager
def open_sample(text: str, access: SampleAccess | None = None) -> Iterator[Sample]:
    """Yield the sample that `init --from` names: a file, a folder, a glob, their address, or `URL#table`.

    A file with a date in its name is one delivery of many: its folder becomes the source, and its name the
    pattern. Of a folder or glob, the names of most files give the pattern. Of files elsewhere, private copies are
    made, which are deleted afterwards.

    Args:
        text: as given.
        access: how it is read.

    Raises:
        ConfigError: it is none of these, or there is no such file.
        DeliveryError: the server cannot be reached.
    """
    access = access or SampleAccess()
    if is_remote(text) and "#" not in text and text.partition("://")[0].lower() in SCHEMES:
        with tempfile.TemporaryDirectory(prefix="ketenwacht-") as folder:
            yield _copy_remote(text, access, Path(folder))
    elif is_remote(text):
        url, hash_, table = text.rpartition("#")
        if not hash_ or not table:
            raise ConfigError("--from", "the URL has no table", "write it as URL#table or URL#schema.table")
        yield Sample(TableSource(url=url, table=table, period_column=""), None)
    else:
        path, pattern = _choose_file(text, access)
        yield _describe_sample(path, pattern, [one.name for one in path.parent.iterdir()], access)


def _copy_remote(address: str, access: SampleAccess, folder: Path) -> Sample:
    """Copy enough deliveries at an address to `folder`; return them as a sample of that address."""
    bare = address.rstrip("/")
    parent, _, last = bare.rpartition("/")
    single = has_magic(last) or Path(last).suffix.lower() in {*_READERS, *_COMPRESSED}
    place, wanted = (parent, last) if single else (bare, "*")
    store = open_remote(place, access.storage, root=Path(), setting="--from")
    listed = store.list(lambda name: _is_readable(Path(name), access))
    names = sorted(name for name in listed if fnmatchcase(name, wanted) and _is_readable(Path(name), access))
    if not names:
        raise ConfigError("--from", "there is no file that can be read", "name a folder, a file or a glob there")
    pattern = _choose_pattern(names)
    if pattern is None and len(names) > 1:
        raise ConfigError("--from", _NO_DATE, _NO_DATE_MEND)
    dated = sort_by_date(names, pattern) if pattern is not None else [(date.min, names[0])]
    chosen = [name for _, name in choose_spread(dated)]
    for name in chosen:
        with store.open(name, _MOST_BYTES) as path:
            (folder / name).write_bytes(path.read_bytes())
    found = _describe_sample(folder / chosen[0], pattern, list(listed), access)
    if isinstance(found.source, FileSource):
        where = place if found.source.pattern is not None else f"{place}/{names[0]}"
        found = replace(found, address=where)
    return found


def _describe_sample(path: Path, pattern: str | None, names: list[str], access: SampleAccess) -> Sample:
    """Return a file, and those beside it with names of its pattern, as a sample."""
    compression = _COMPRESSED.get(path.suffix.lower())
    ending = (path.suffixes[-2] if len(path.suffixes) > 1 else "") if compression else path.suffix
    reader = str(access.given.get("reader") or _READERS.get(ending.lower(), ""))
    if not reader:
        what = f"files that end in {path.suffix or 'nothing'} are not supported"
        mend = f"use one of: {', '.join(_READERS)}; or say how to read it with --source reader=csv"
        raise ConfigError("--from", what, mend)
    source = FileSource(path=str(path), reader=reader, compression=compression)
    source = replace(source, **access.settings)
    source = _describe_one_of(path, source, pattern, access.settings)
    if pattern is None:
        return Sample(source, path, given=tuple(access.settings))
    manifest = next((m for m in _MANIFESTS if m.format(stem=path.stem) in names), None)
    source = replace(source, path=str(path.parent), pattern=pattern, manifest=manifest)
    days = tuple(day for day, _ in sort_by_date(names, pattern))
    return Sample(source, path, days, given=tuple(access.settings))


_TRIED = 5


def _describe_one_of(
    path: Path, source: FileSource, pattern: str | None, given: Mapping[str, object]
) -> FileSource:
    """Return the encoding and layout of a file, or of an earlier one where the newest cannot be read.

    Raises:
        DeliveryError: none of a few can be read.
    """
    named = [path]
    if pattern is not None:
        dated = sort_by_date((one.name for one in path.parent.iterdir()), pattern)
        named += [path.parent / name for _, name in choose_spread(dated) if name != path.name]
    fault: DeliveryError | None = None
    for one in named[:_TRIED]:
        try:
            if format_of(source).text and "encoding" not in given:
                source = replace(source, encoding=find_encoding(one, source) or ENCODINGS[0])
            return find_layout(one, source, given)
        except DeliveryError as error:
            fault = fault or error
    assert fault is not None  # noqa: S101 - there is at least one file
    raise fault


_NO_DATE = "no file there has a date in its name"
_NO_DATE_MEND = (
    "name one file that holds every period, or put the date into the names, such as 2024-01-31 or 2024-01"
)


def _choose_file(text: str, access: SampleAccess) -> tuple[Path, str | None]:
    """Return the file that stands for a sample, and the pattern of its name.

    Of a folder or glob, it is the newest of the most common pattern.
    """
    path = Path(text)
    if path.is_file():
        beside = [one.name for one in path.parent.iterdir() if one.suffix.lower() == path.suffix.lower()]
        return path, _choose_pattern(beside, among=path.name)
    if not path.is_dir() and not has_magic(text):
        raise ConfigError("--from", "there is no such file", "name a file, a folder, a glob, or URL#table")
    listed = path.iterdir() if path.is_dir() else map(Path, glob(text))  # noqa: PTH207 - the pattern may be absolute
    files = {one.name: one for one in listed if one.is_file() and _is_readable(one, access)}
    pattern = _choose_pattern(files)
    if pattern is None:
        if len(files) == 1:
            return next(iter(files.values())), None
        what = _NO_DATE if files else "there is no file that can be read"
        raise ConfigError("--from", what, _NO_DATE_MEND)
    return files[sort_by_date(files, pattern)[-1][1]], pattern


def _is_readable(path: Path, access: SampleAccess) -> bool:
    """Return whether a file may be a delivery: by its ending, unless the user said how to read it."""
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in _COMPRESSED]
    manifest = path.name.lower().endswith((".manifest.json", ".manifest.jsonl"))
    known = bool(endings) and endings[-1] in _READERS
    return (known or "reader" in access.given) and not manifest


def sort_by_date(names: Iterable[str], pattern: str) -> list[tuple[date, str]]:
    """Return the day and name of each delivery, oldest first."""
    compiled = compile_pattern(pattern)
    found = ((compiled.match(name), name) for name in names)
    return sorted(
        (parsed.period, name) for parsed, name in found if parsed is not None and parsed.period is not None
    )


def choose_spread(dated: list[tuple[date, str]]) -> list[tuple[date, str]]:
    """Return at most `MOST_FILES` deliveries, newest first, evenly spread."""
    return dated[::-1][:: max(1, -(-len(dated) // MOST_FILES))]


def _choose_pattern(names: Iterable[str], *, among: str | None = None) -> str | None:
    """Return the pattern that fits most names; of equals the most exact form of a date; None without a date.

    Args:
        names: of files.
        among: only patterns of this name count.
    """
    names = list(names)
    allowed = {pattern for _, pattern in _find_patterns(among)} if among is not None else None
    counts: Counter[str] = Counter()
    exact: dict[str, int] = {}
    for name in names:
        for number, pattern in _find_patterns(name):
            if allowed is None or pattern in allowed:
                counts[pattern] += 1
                exact[pattern] = number
    if not counts:
        return None
    best = min(counts, key=lambda pattern: (-counts[pattern], exact[pattern]))
    return _with_time(best, names)


def _find_patterns(name: str) -> Iterator[tuple[int, str]]:
    """Yield the name of a file as a pattern, for each form of a date in it, with how exact that is."""
    for number, (form, layouts) in enumerate(_DATE):
        found = form.search(name)
        layout = _find_layout(found[0], layouts) if found is not None else None
        if found is None or layout is None:
            continue
        head, tail = name[: found.start()], name[found.end() :]
        if "{" in head + tail or "}" in head + tail:
            continue
        timed = "%H" in layout
        after = tail if timed else _SEQUENCE.sub(lambda m: f"{{sequence:0{len(m[1])}d}}", tail, count=1)
        yield number, f"{head}{{date:{layout}}}{after}"


def _find_layout(text: str, layouts: tuple[str, ...]) -> str | None:
    """Return the layout that reads a date, and writes it the same."""
    for layout in layouts:
        week = "%V" in layout
        try:
            moment = datetime.strptime(text + " 1" if week else text, layout + " %u" if week else layout)  # noqa: DTZ007 - a name has no zone
        except ValueError:
            continue
        if moment.strftime(layout) == text:
            return layout
    return None


_AFTER_DATE = re.compile(r"(\{date:[^}]*)\}([_-])\{sequence:0(4|6)d\}")


def _with_time(pattern: str, names: list[str]) -> str:
    """Return a pattern whose number after the date is a time of day, where it is that in every name."""
    found = _AFTER_DATE.search(pattern)
    compiled = compile_pattern(pattern)
    numbers = [parsed.sequence for parsed in map(compiled.match, names) if parsed is not None]
    if found is None or len(numbers) < 2 or len(set(numbers)) == len(numbers):  # noqa: PLR2004 - one tells nothing
        return pattern
    clock = "%H%M%S" if found[3] == "6" else "%H%M"
    timed = _AFTER_DATE.sub(rf"\g<1>\g<2>{clock}}}", pattern)
    matched = sum(compile_pattern(timed).match(name) is not None for name in names)
    return timed if matched == len(numbers) else pattern
