"""The names of deliveries: `IND_{date:%Y%m%d}_{sequence:06d}.csv` read from left to right and back."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.errors import ConfigError

# Each directive of strftime that a name may hold, and what it looks like.
_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{2}",
    "d": r"\d{2}",
    "j": r"\d{3}",
    "G": r"\d{4}",
    "V": r"\d{2}",
    "u": r"[1-7]",
    "H": r"\d{2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
}
_OF_THE_CLOCK = frozenset("HMS")
_ID_WITH_TIME = "%Y-%m-%dT%H%M%S"
_MEND = "write it like FEED_{date:%Y%m%d}_{sequence:06d}.csv"


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What the name of a delivery says.

    Attributes:
        id: the sequence as the pattern writes it, else the ISO date (with the time of day where the name has it).
        period: the date in the name, None when the pattern has none.
        sequence: the number in the name, None when the pattern has none.
    """

    id: str
    period: date | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A pattern, compiled once. Build it with `compile_pattern`."""

    text: str
    expression: re.Pattern[str]
    date_format: str | None
    sequence_format: str | None

    @property
    def suffix(self) -> str:
        """The ending that a manifest's `{stem}` leaves off: `.csv`, or nothing."""
        tail = self.text.rpartition("}")[2]
        return "." + tail.rpartition(".")[2] if "." in tail else ""

    def match(self, name: str) -> ParsedName | None:
        """What `name` says, None when it is no name of a delivery.

        A name is accepted only as the pattern itself would write it, so that no two spellings of one delivery
        exist.
        """
        found = self.expression.fullmatch(name)
        if found is None:
            return None
        parts = found.groupdict()
        moment = self._moment(parts["date"]) if self.date_format is not None else None
        if self.date_format is not None and moment is None:
            return None
        sequence = int(parts["sequence"]) if self.sequence_format is not None else None
        period = moment.date() if moment is not None else None
        named = ParsedName(self._id(moment, sequence), period, sequence)
        return named if self.name(named.id, period) == name else None

    def name(self, delivery_id: str, period: date | None) -> str | None:
        """The name of a delivery's file, None when the pattern cannot have given this id."""
        values: dict[str, object] = {}
        try:
            if self.sequence_format is not None:
                values["sequence"] = int(delivery_id)
                if format(values["sequence"], self.sequence_format) != delivery_id:
                    return None
            if self.date_format is not None:
                timed = self.sequence_format is None and "T" in delivery_id
                values["date"] = datetime.strptime(delivery_id, _ID_WITH_TIME) if timed else period  # noqa: DTZ007 - a name has no zone
        except ValueError:
            return None
        return self.text.format(**values)

    def _moment(self, text: str) -> datetime | None:
        layout = self.date_format or ""
        if "%V" in layout and "%u" not in layout:  # a week stands for its Monday
            text, layout = text + " 1", layout + " %u"
        try:
            return datetime.strptime(text, layout)  # noqa: DTZ007 - a name has no zone
        except ValueError:
            return None

    def _id(self, moment: datetime | None, sequence: int | None) -> str:
        if sequence is not None:
            return format(sequence, self.sequence_format or "")
        assert moment is not None  # noqa: S101 - compile_pattern refuses a pattern with neither
        timed = any("%" + c in (self.date_format or "") for c in _OF_THE_CLOCK)
        return moment.strftime(_ID_WITH_TIME) if timed else moment.date().isoformat()


def compile_pattern(text: str, *, where: str = "pattern") -> NamePattern:
    """Compile the pattern of a delivery's name.

    Args:
        text: literal text with `{date}` (a strftime layout after the colon, ISO without one) and/or `{sequence}`
            (a layout such as `06d`).
        where: the setting, for the error.

    Raises:
        ConfigError: it is no pattern, or not the name of a file in one folder.
    """
    if "/" in text or "\\" in text:
        raise ConfigError(where, "the pattern holds a folder", "put folders in `path`; the pattern names a file")
    regex, layouts = "", {}
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        raise ConfigError(where, "the braces of the pattern do not match", _MEND) from None
    for literal, field, layout, conversion in parsed:
        regex += re.escape(literal)
        if field is None:
            continue
        if field not in {"date", "sequence"} or field in layouts or conversion is not None:
            raise ConfigError(where, "the pattern holds other than one {date} and one {sequence}", _MEND)
        layouts[field] = layout or ("%Y-%m-%d" if field == "date" else "d")
        inner = _date_regex(layouts[field], where) if field == "date" else _sequence_regex(layouts[field], where)
        regex += f"(?P<{field}>{inner})"
    if not layouts:
        raise ConfigError(where, "the pattern holds neither {date} nor {sequence}", _MEND)
    day, number = layouts.get("date"), layouts.get("sequence")
    if number is not None and day is not None and any("%" + c in day for c in _OF_THE_CLOCK):
        raise ConfigError(where, "the pattern holds a time of day beside a sequence", "leave one of them out")
    return NamePattern(text.replace("{date}", "{date:%Y-%m-%d}"), re.compile(regex, re.ASCII), day, number)


def _date_regex(layout: str, where: str) -> str:
    pieces = re.split(r"%(.)", layout)
    if any(directive not in _DIRECTIVES for directive in pieces[1::2]):
        raise ConfigError(where, "the date's layout is not understood", f"use %{', %'.join(_DIRECTIVES)}")
    if not {"Y", "y", "G"} & set(pieces[1::2]):
        raise ConfigError(where, "the date's layout has no year", "write for instance {date:%Y%m%d}")
    return "".join(_DIRECTIVES[piece] if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))


def _sequence_regex(layout: str, where: str) -> str:
    found = re.fullmatch(r"(?:0([1-9]\d?))?d", layout)
    if found is None:
        raise ConfigError(where, "the sequence's layout is not understood", "write for instance {sequence:06d}")
    return rf"\d{{{found[1] or 1},18}}"
