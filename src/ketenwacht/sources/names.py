"""Patterns for the names of files, such as `IND_{date:%Y%m%d}_{sequence:06d}.csv`: parse a name, or build it."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.errors import ConfigError

# Each directive of strftime that a pattern may hold → its regular expression.
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
    """The parts of the name of a delivery.

    Attributes:
        id: the sequence as the pattern formats it; without a sequence the ISO date, with the time if the name has
            it.
        period: the date in the name; None: the pattern has no date.
        sequence: the number in the name; None: the pattern has no sequence.
    """

    id: str
    period: date | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A compiled pattern; build it with `compile_pattern`."""

    text: str
    expression: re.Pattern[str]
    date_format: str | None
    sequence_format: str | None

    @property
    def suffix(self) -> str:
        """The ending that `{stem}` in the name of a manifest leaves off, such as `.csv`; may be empty."""
        tail = self.text.rpartition("}")[2]
        return "." + tail.rpartition(".")[2] if "." in tail else ""

    def match(self, name: str) -> ParsedName | None:
        """Return the parts of `name`; None when it is not the name of a delivery.

        Only a name exactly as the pattern formats it matches, so that one delivery cannot have two names.
        """
        match = self.expression.fullmatch(name)
        if match is None:
            return None
        parts = match.groupdict()
        moment = self._moment(parts["date"]) if self.date_format is not None else None
        if self.date_format is not None and moment is None:
            return None
        sequence = int(parts["sequence"]) if self.sequence_format is not None else None
        period = moment.date() if moment is not None else None
        parsed = ParsedName(self._id(moment, sequence), period, sequence)
        return parsed if self.name(parsed.id, period) == name else None

    def nearly(self, name: str) -> bool:
        """Return whether a name is probably meant for this pattern and does not match it.

        It has the same words in the same order: case, marks, spaces, the form of a number or date, and an ending
        such as `.gz` or ` (1)` may differ.
        """
        return self.match(name) is None and _skeleton(name) == _skeleton(string_of(self.text))

    def name(self, delivery_id: str, period: date | None) -> str | None:
        """Return the file name of a delivery; None when no name of this pattern has this id."""
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
        form = self.date_format or ""
        if "%V" in form and "%u" not in form:  # a week means its Monday
            text, form = text + " 1", form + " %u"
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a name has no zone
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
        text: literal text with `{date}` (a strftime format after the colon, ISO without one) and/or `{sequence}`
            (a format such as `06d`).
        where: the setting, for the error.

    Raises:
        ConfigError: it is not a valid pattern for the name of a file.
    """
    if "/" in text or "\\" in text:
        raise ConfigError(where, "the pattern holds a folder", "move the folder to `path`")
    regex, forms = "", {}
    try:
        parsed = list(string.Formatter().parse(text))
    except ValueError:
        raise ConfigError(where, "the braces of the pattern do not match", _MEND) from None
    for literal, field, form, conversion in parsed:
        regex += re.escape(literal)
        if field is None:
            continue
        if field not in {"date", "sequence"} or field in forms or conversion is not None:
            raise ConfigError(where, "the pattern may hold only one {date} and one {sequence}", _MEND)
        forms[field] = form or ("%Y-%m-%d" if field == "date" else "d")
        inner = _date_regex(forms[field], where) if field == "date" else _sequence_regex(forms[field], where)
        regex += f"(?P<{field}>{inner})"
    if not forms:
        raise ConfigError(where, "the pattern holds neither {date} nor {sequence}", _MEND)
    day, number = forms.get("date"), forms.get("sequence")
    if number is not None and day is not None and any("%" + c in day for c in _OF_THE_CLOCK):
        raise ConfigError(where, "the pattern holds a time of day and a sequence", "remove one of them")
    try:
        compiled = re.compile(regex, re.ASCII)
    except (re.error, OverflowError):
        raise ConfigError(where, "the form of a field in the pattern cannot be used", _MEND) from None
    return NamePattern(text.replace("{date}", "{date:%Y-%m-%d}"), compiled, day, number)


_COPY = re.compile(r"( - copy| - kopie)?( ?\(\d+\))?(?=\.|$)")
_ADDED = re.compile(r"(\.(gz|zip|zst|bz2|xz|7z|gpg|pgp|asc|part|partial|tmp|filepart|txt|csv))+$")


def string_of(pattern: str) -> str:
    """Return a pattern with a digit in place of each field."""
    return re.sub(r"\{[^}]*\}", "0", pattern)


def _skeleton(name: str) -> str:
    """Return the words of a name in small letters, with # for each run of digits and marks between them."""
    plain = _COPY.sub("", name.casefold(), count=1)
    stem, ending = plain, _ADDED.search(plain)
    if ending is not None:
        stem = plain[: ending.start()]
    return re.sub(r"[\W\d_]+", "#", stem)


def _date_regex(form: str, where: str) -> str:
    pieces = re.split(r"%(.)", form)
    if any(directive not in _DIRECTIVES for directive in pieces[1::2]):
        raise ConfigError(where, "the format of {date} is not supported", f"use %{', %'.join(_DIRECTIVES)}")
    if not {"Y", "y", "G"} & set(pieces[1::2]):
        raise ConfigError(where, "the format of {date} has no year", "write for instance {date:%Y%m%d}")
    return "".join(_DIRECTIVES[piece] if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))


def _sequence_regex(form: str, where: str) -> str:
    match = re.fullmatch(r"(?:0([1-9]\d?))?d", form)
    if match is None:
        raise ConfigError(where, "the format of {sequence} is not supported", "write for instance {sequence:06d}")
    return rf"\d{{{match[1] or 1},18}}"
