"""Files of a private set intersection: request, response, and the state that only the requesting side keeps.

Each file is one line of JSON (the head), then the parts that the head gives the sizes of, then an HMAC over all of
it under a key that is derived from the key of both parties. A file that was cut short or changed, or that was made
with another key, is refused. The parts of a request and a response are messages of the protocol: points on a curve
that are blinded with a secret of the side that made them.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError, UnreadableDelivery, describe_file_fault

from .keys import Keys
from .private_files import make_head_error, make_length_error, private_file

VERSION = "ketenwacht/psi/1"
REQUEST, RESPONSE, STATE = "ketenwacht/psi-request/1", "ketenwacht/psi-response/1", "ketenwacht/psi-state/1"
DELIVERED, REGISTER = "delivered", "register"
_TAG_BYTES = 32
_LONGEST_HEAD = 1 << 20
_NONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PsiTerms:
    """What both sides agree on for one intersection; every file of it repeats them.

    Attributes:
        feed: its name, the same on both sides; empty: not named.
        key_id: id of the key behind the pseudonyms.
        until: last date of decision that counts; None: all dates.
        day: reference date of the comparison.
        side: whose persons the request holds: `delivered` or `register`.
        columns: the segment columns to count by.
        identities: whether the requesting side learns which of its persons the other holds; else counts only.
        nonce: 32 hex digits, of this intersection only.
    """

    feed: str
    key_id: str
    until: date | None
    day: date
    side: str
    columns: tuple[str, ...]
    identities: bool
    nonce: str

    @property
    def purpose(self) -> str:
        """What the key of this intersection is derived for."""
        until = self.until.isoformat() if self.until is not None else ""
        return json.dumps([VERSION, self.feed, until, self.day.isoformat(), self.nonce])

    def as_dict(self) -> dict[str, object]:
        """Return the terms as they stand in the head of a file."""
        return {
            "feed": self.feed,
            "key_id": self.key_id,
            "until": self.until.isoformat() if self.until is not None else None,
            "date": self.day.isoformat(),
            "side": self.side,
            "columns": list(self.columns),
            "identities": self.identities,
            "nonce": self.nonce,
        }

    @classmethod
    def parse(cls, head: Mapping[str, object]) -> PsiTerms:
        """Return the terms in a head.

        Raises:
            ValueError: a field is absent or not what it should be.
        """
        until, columns, identities = head.get("until"), head.get("columns"), head.get("identities")
        texts = [head.get(name) for name in ("feed", "key_id", "date", "side", "nonce")]
        if not all(isinstance(one, str) for one in texts) or not isinstance(identities, bool):
            raise ValueError
        feed, key_id, day, side, nonce = map(str, texts)
        if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
            raise ValueError
        if side not in {DELIVERED, REGISTER} or _NONCE.fullmatch(nonce) is None:
            raise ValueError
        return cls(
            feed=feed,
            key_id=key_id,
            until=None if until is None else date.fromisoformat(str(until)),
            day=date.fromisoformat(day),
            side=side,
            columns=tuple(columns),
            identities=identities,
            nonce=nonce,
        )


@dataclass(frozen=True, slots=True)
class PsiGroup:
    """The persons of one side in one segment.

    Attributes:
        segment: the segment; None: all persons of segments that hold too few to be named.
        persons: how many.
    """

    segment: Segment | None
    persons: int

    def as_dict(self) -> dict[str, object]:
        """Return the group as it stands in the head of a file."""
        return {
            "segment": None if self.segment is None else self.segment.as_dict(),
            "persons": self.persons,
        }

    @classmethod
    def parse(cls, found: object, columns: Sequence[str]) -> PsiGroup:
        """Return the group in a head.

        Raises:
            ValueError: it is none, or of other columns.
        """
        if not isinstance(found, dict) or not isinstance(found.get("persons"), int) or found["persons"] < 0:
            raise ValueError
        segment = found.get("segment")
        if segment is None:
            return cls(None, found["persons"])
        if not isinstance(segment, dict) or list(segment) != list(columns):
            raise ValueError
        return cls(Segment.of({str(name): str(value) for name, value in segment.items()}), found["persons"])


@dataclass(frozen=True, slots=True)
class PsiFile:
    """One file of an intersection.

    Attributes:
        schema: which of the three it is.
        terms: what both sides agree on.
        groups: of the side that made it, in the order of the parts.
        answers: for a response and a state, the tag of the request that they belong to; else empty.
        parts: the messages of the protocol, or what the state holds.
    """

    schema: str
    terms: PsiTerms
    groups: tuple[PsiGroup, ...]
    parts: tuple[bytes, ...] = field(repr=False)
    answers: str = ""

    def write(self, path: Path, keys: Keys) -> str:
        """Write the file, mode 0600, completely or not at all; return its tag in hex."""
        tag = self.make_tag(keys)
        with private_file(path) as partial, partial.open("wb") as stream:
            stream.writelines(self._chunks())
            stream.write(bytes.fromhex(tag))
        return tag

    def make_tag(self, keys: Keys) -> str:
        """Return the HMAC of the file in hex: it ends the file, and tells it from every other."""
        signer = hmac.new(_file_key(keys, self.terms), digestmod="sha256")
        for part in self._chunks():
            signer.update(part)
        return signer.hexdigest()

    def _chunks(self) -> tuple[bytes, ...]:
        head = {
            "schema": self.schema,
            **self.terms.as_dict(),
            "groups": [group.as_dict() for group in self.groups],
            "answers": self.answers,
            "sizes": [len(part) for part in self.parts],
        }
        return (json.dumps(head).encode("ascii") + b"\n", *self.parts)

    @classmethod
    def read(cls, path: Path, schema: str, keys: Keys) -> tuple[PsiFile, str]:
        """Return a file and its tag in hex.

        Raises:
            ConfigError: it cannot be read, or is made with a key that is not among `keys`.
            UnreadableDelivery: it is no such file of this version, was cut short, or changed.
        """
        try:
            content = path.read_bytes()
        except OSError as fault:
            what = f"cannot be read ({describe_file_fault(fault)})"
            raise ConfigError(str(path), what, f"name a file of {schema}") from None
        line, newline, _ = content[:_LONGEST_HEAD].partition(b"\n")
        terms, groups, answers, sizes = _parse_head(path, line, schema)
        if terms.key_id not in keys:
            what = f"is made with key {shown_text(terms.key_id)}, which is not among {', '.join(keys.ids)}"
            raise ConfigError(str(path), what, "agree on one key file")
        start = len(line) + len(newline)
        expected = start + sum(sizes) + _TAG_BYTES
        if len(content) != expected:
            raise make_length_error(path, len(content), expected)
        body, tag = memoryview(content)[:-_TAG_BYTES], content[-_TAG_BYTES:]
        if not hmac.compare_digest(hmac.digest(_file_key(keys, terms), body, "sha256"), tag):
            raise UnreadableDelivery(f"{path}: was changed, or is made with another key of the same id")
        parts = []
        for size in sizes:
            parts.append(content[start : start + size])
            start += size
        return cls(schema, terms, groups, tuple(parts), answers), tag.hex()


def _file_key(keys: Keys, terms: PsiTerms) -> bytes:
    return keys.derive_key(terms.key_id, f"{terms.purpose}|file")


def _parse_head(
    path: Path, line: bytes, schema: str
) -> tuple[PsiTerms, tuple[PsiGroup, ...], str, tuple[int, ...]]:
    try:
        head = parse_json(line)
        valid = head["schema"] == schema
        terms = PsiTerms.parse(head)
        groups = tuple(PsiGroup.parse(group, terms.columns) for group in head["groups"])
        sizes = tuple(int(size) for size in head["sizes"])
        answers = str(head["answers"])
    except (ValueError, KeyError, TypeError, UnreadableDelivery):
        valid = False
    if not valid or min(sizes, default=0) < 0:
        raise make_head_error(path, line, schema)
    return terms, groups, answers, sizes
