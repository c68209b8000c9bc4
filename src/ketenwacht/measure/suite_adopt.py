"""Make a suite that was saved by any Great Expectations, 0.x or 1.x, one of ours, and name every change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ketenwacht.document_limits import DocumentError, parse_json
from ketenwacht.errors import ConfigError, describe_file_fault

from .suite import OF_ALL, TAKEN, SuiteEntry
from .suite_lint import find_entry_faults

_OLD_TYPES = {
    "expect_column_distinct_values_to_be_in_set": "expect_column_values_to_be_in_set",
    "expect_multicolumn_values_to_be_unique": "expect_select_column_values_to_be_unique_within_record",
}
"""Type → one of ours that says the same."""
_SETTINGS = OF_ALL - {"row_condition"} | {
    "allow_cross_type_comparisons",
    "auto",
    "include_config",
    "meta",
    "output_strftime_format",
    "parse_strings_as_datetimes",
    "profiler_config",
    "severity",
}
"""Arguments that say how Great Expectations works and not what the data must satisfy."""
_OF_STORE = ("id", "ge_cloud_id", "rendered_content", "success_on_last_run", "expectation_context")
_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
_VERBS = re.compile(r"^expect_(?:table_|column_values_to_|column_|select_column_values_to_be_|multicolumn_)?")
_QUOTED = r"""(?:"(?P<text>[^"]*)"|'(?P<single>[^']*)'|(?P<number>-?\d+(?:\.\d+)?))"""
_COLUMN = r"""(?:col\(["'](?P<col>[^"']+)["']\)|(?P<bare>[A-Za-z_]\w*)|`(?P<ticked>[^`]+)`)"""
_COMPARISON = re.compile(rf"^\s*{_COLUMN}\s*(?P<operator>==|!=|<=|>=|<|>)\s*{_QUOTED}\s*$")
_NULLNESS = re.compile(rf"^\s*{_COLUMN}\.(?P<word>notNull|notnull|notna|isNull|isnull|isna)\(\)\s*$")


@dataclass(frozen=True, slots=True)
class AdoptedNote:
    """What was done with one part of a suite.

    Attributes:
        where: path and line, or the number of an expectation.
        what: the change, or why it cannot be judged.
        mend: what to do about it; empty for a change.
    """

    where: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class AdoptedSuite:
    """A suite as it is written here.

    Attributes:
        document: its JSON.
        changes: what was changed.
        refused: expectations that are left out, each with its remedy.
    """

    document: Mapping[str, object]
    changes: tuple[AdoptedNote, ...]
    refused: tuple[AdoptedNote, ...]

    @property
    def kept(self) -> int:
        """The number of expectations that are judged."""
        listed = self.document["expectations"]
        return len(listed) if isinstance(listed, list) else 0


def adopt_suite(path: Path) -> AdoptedSuite:
    """Return a suite of somebody else as one of ours.

    Raises:
        ConfigError: the file cannot be read, or is no suite.
    """
    document = _read(path)
    listed = document.get("expectations")
    if not isinstance(listed, list):
        raise ConfigError(f"{path}:1", "the suite has no list of expectations", 'add "expectations": […]')
    changes: list[AdoptedNote] = []
    name = document.get("name") or document.get("expectation_suite_name") or path.stem
    if "name" not in document and "expectation_suite_name" in document:
        changes.append(AdoptedNote(str(path), "expectation_suite_name is name now"))
    known = {"name", "expectation_suite_name", "expectations", "meta", "notes"}
    dropped = sorted(key for key in document if key not in known and document[key] not in (None, {}, []))
    if dropped:
        changes.append(AdoptedNote(str(path), f"left out, it is of the store: {', '.join(dropped)}"))
    entries: list[dict[str, object]] = []
    refused: list[AdoptedNote] = []
    ids: set[str] = set()
    for number, raw in enumerate(listed, 1):
        where = f"{path}: expectation {number}"
        if not isinstance(raw, dict):
            refused.append(AdoptedNote(where, "it is not an object", "remove it"))
            continue
        adopted = _Adopted(raw, ids)
        faults = [*adopted.faults, *find_entry_faults(SuiteEntry(str(path), number, adopted.entry))]
        where = f"{where} ({adopted.entry['type'] or 'no type'})"
        if faults:
            refused += [AdoptedNote(where, what, mend) for what, mend in dict.fromkeys(faults)]
            continue
        ids.add(adopted.check_id)
        entries.append(adopted.entry)
        changes += [AdoptedNote(where, change) for change in adopted.changes]
    kept = {key: document[key] for key in ("meta", "notes") if document.get(key)}
    return AdoptedSuite({"name": str(name), **kept, "expectations": entries}, tuple(changes), tuple(refused))


def _read(path: Path) -> dict[str, Any]:
    try:
        document = parse_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        what = f"the suite cannot be read ({describe_file_fault(error)})"
        raise ConfigError(str(path), what, "name a UTF-8 JSON file") from None
    except DocumentError as error:
        raise ConfigError(error.place(str(path)), f"the suite {error.what}", error.mend) from None
    if isinstance(document, list):
        document = {"expectations": document}
    if not isinstance(document, dict):
        raise ConfigError(f"{path}:1", "this is no suite", 'write an object with "expectations": […]')
    inner = document.get("expectation_suite")
    return inner if isinstance(inner, dict) else document


class _Adopted:
    """One expectation, made ours step by step.

    Attributes:
        entry: as it is written here.
        changes: what was changed.
        faults: what cannot be carried over, each with its remedy.
    """

    def __init__(self, raw: Mapping[str, Any], ids: set[str]) -> None:
        self.changes: list[str] = []
        self.faults: list[tuple[str, str]] = []
        kind = self._type(raw)
        kwargs = self._arguments(raw, kind)
        meta = dict(raw["meta"]) if isinstance(raw.get("meta"), dict) else {}
        self._title(raw, meta)
        self.check_id = self._check_id(meta, kind, kwargs, ids)
        meta["check_id"] = self.check_id
        self.entry: dict[str, object] = {"type": kind, "kwargs": kwargs, "meta": meta}
        severity = raw.get("severity") or meta.pop("severity", None)
        if severity is not None:
            self.entry["severity"] = severity
        if isinstance(raw.get("description"), str):
            self.entry["description"] = raw["description"]

    def _type(self, raw: Mapping[str, Any]) -> str:
        given = str(raw.get("type") or raw.get("expectation_type") or "")
        if "type" not in raw and "expectation_type" in raw:
            self.changes.append("expectation_type is type now")
        kind = _CAMEL.sub("_", given).lower() if given[:6] == "Expect" else given
        ours = _OLD_TYPES.get(kind, kind)
        if ours != given:
            self.changes.append(f"{given} is written {ours}")
        return ours

    def _arguments(self, raw: Mapping[str, Any], kind: str) -> dict[str, Any]:
        given = raw.get("kwargs")
        kwargs = dict(given) if isinstance(given, dict) else {}
        settings = sorted((_SETTINGS - TAKEN.get(kind, frozenset())) & kwargs.keys())
        empty = sorted(key for key, value in kwargs.items() if value is None and key not in settings)
        for key in (*settings, *empty):
            del kwargs[key]
        if settings:
            self.changes.append(f"left out, it says how and not what: {', '.join(settings)}")
        if empty:
            self.changes.append(f"left out, it is null: {', '.join(empty)}")
        if isinstance(kwargs.get("row_condition"), str):
            self._condition(kwargs)
        return kwargs

    def _condition(self, kwargs: dict[str, Any]) -> None:
        condition = parse_condition(kwargs.pop("row_condition"))
        if condition is None:
            self.faults.append(
                (
                    "its row_condition is code of another engine",
                    "write it as a condition object: compare columns with ==, !=, <, > or a list",
                )
            )
            return
        kwargs["row_condition"] = condition
        self.changes.append("row_condition is an object now, which every engine understands")

    def _title(self, raw: Mapping[str, Any], meta: dict[str, Any]) -> None:
        for key in sorted(set(_OF_STORE) & raw.keys()):
            if raw[key] is not None:
                self.changes.append(f"left out, it is of the store: {key}")
        notes = meta.pop("notes", None)
        content = notes.get("content") if isinstance(notes, dict) else notes
        text = " ".join(str(line) for line in content) if isinstance(content, list) else content
        if isinstance(text, str) and text.strip() and "title" not in meta:
            meta["title"] = text.strip()
            self.changes.append("its notes are its title now")
        elif notes is not None:
            meta["notes"] = notes

    def _check_id(self, meta: Mapping[str, Any], kind: str, kwargs: Mapping[str, Any], ids: set[str]) -> str:
        given = meta.get("check_id")
        if isinstance(given, str) and given and given not in ids and "." not in given and given == given.strip():
            return given
        entry = SuiteEntry("", 1, {"kwargs": {**kwargs, "row_condition": None}})
        words = [*entry.columns, _VERBS.sub("", kind)]
        base = re.sub(r"[^a-z0-9]+", "-", " ".join(words).lower()).strip("-") or "expectation"
        name, number = base, 1
        while name in ids:
            number += 1
            name = f"{base}-{number}"
        self.changes.append(f"it has the check_id {name} now")
        return name


def parse_condition(text: str) -> dict[str, object] | None:
    """Return a row condition as an object; None when it is more than comparisons joined by `and`.

    Args:
        text: as `col("a") == "x"`, `a == "x" and b.notnull()`.
    """
    parts = [_parse_part(part) for part in re.split(r"\s+and\s+|\s*&\s*", text.strip())]
    found = [part for part in parts if part is not None]
    if len(found) != len(parts):
        return None
    return found[0] if len(found) == 1 else {"type": "and", "conditions": found}


def _parse_part(text: str) -> dict[str, object] | None:
    text = text.strip()
    if text.startswith("(") and text.endswith(")") and text.count("(") == text.count(")"):
        text = text[1:-1]
    found = _NULLNESS.match(text)
    if found is not None:
        null = not found["word"].lower().startswith("not")
        return {"type": "nullity", "column": {"name": _column(found)}, "is_null": null}
    found = _COMPARISON.match(text)
    if found is None:
        return None
    number = found["number"]
    text_value = found["text"] if found["text"] is not None else found["single"]
    value = (float(number) if "." in number else int(number)) if number is not None else text_value
    column = {"name": _column(found)}
    return {"type": "comparison", "column": column, "operator": found["operator"], "parameter": value}


def _column(found: re.Match[str]) -> str:
    return found["col"] or found["bare"] or found["ticked"] or ""


def describe_adopted(adopted: AdoptedSuite) -> Iterator[str]:
    """Yield a line for each change, and for each expectation that is left out, with its remedy."""
    for title, notes in (("changed", adopted.changes), ("cannot be judged", adopted.refused)):
        yield f"{title}: {len(notes)}"
        yield from (f"  {note.where}: {note.what}{f' - {note.mend}' if note.mend else ''}" for note in notes)


def to_json(notes: Sequence[AdoptedNote]) -> list[dict[str, str]]:
    """Return notes as JSON objects."""
    return [{"where": note.where, "what": note.what, "mend": note.mend} for note in notes]
