"""A digest as one side sends it: what is in the file, and which buckets of two of them differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ketenwacht.errors import ConfigError, UnreadableDelivery

from .tables import private_file

SCHEMA = "ketenwacht/digest/1"


class Bucket(NamedTuple):
    """Persons in a bucket, the sum (mod 2^64) of their pseudonyms' low halves, and the xor of the high ones."""

    persons: int
    total: int
    mixed: int


@dataclass(frozen=True, slots=True)
class BucketDigest:
    """What one side sends.

    Attributes:
        key_id: key of the pseudonyms.
        bits: there are 2^bits buckets.
        decided_until: only persons decided on until this day are in it; None: all.
        persons: how many are in it.
        buckets: by number, those that hold anybody.
    """

    key_id: str
    bits: int
    decided_until: date | None
    persons: int
    buckets: Mapping[int, Bucket]

    def write(self, path: Path) -> None:
        """Write it as text, mode 0600: a JSON line that says what it is, and a line a bucket."""
        head = {
            "schema": SCHEMA,
            "key_id": self.key_id,
            "bits": self.bits,
            "decided_until": self.decided_until.isoformat() if self.decided_until is not None else None,
            "persons": self.persons,
        }
        with private_file(path) as made, made.open("w", encoding="ascii") as stream:
            stream.write(json.dumps(head) + "\n")
            for number in sorted(self.buckets):
                count, total, mixed = self.buckets[number]
                stream.write(f"{number:x};{count};{total:016x};{mixed:016x}\n")

    @classmethod
    def read(cls, path: Path) -> BucketDigest:
        """Read back what `write` wrote.

        Raises:
            ConfigError: it cannot be read.
            UnreadableDelivery: it is no digest; names the line.
        """
        try:
            first, *lines = path.read_text(encoding="ascii").splitlines() or [""]
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(
                str(path), f"cannot be read ({type(fault).__name__})", "name a digest file"
            ) from None
        try:
            head = json.loads(first)
            until = date.fromisoformat(head["decided_until"]) if head["decided_until"] is not None else None
            known = head["schema"] == SCHEMA
            parts = str(head["key_id"]), int(head["bits"]), until, int(head["persons"])
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise UnreadableDelivery(f"{path}: line 1 does not say {SCHEMA}")
        return cls(*parts, _buckets(path, lines))


def _buckets(path: Path, lines: Sequence[str]) -> dict[int, Bucket]:
    found = {}
    for at, line in enumerate(lines, start=2):
        try:
            number, count, total, mixed = line.split(";")
            found[int(number, 16)] = Bucket(int(count), int(total, 16), int(mixed, 16))
        except ValueError:
            raise UnreadableDelivery(f"{path}: line {at} is no bucket") from None
    return found


class BucketDifference(NamedTuple):
    """A bucket that differs: its number, and the persons that either side has in it."""

    bucket: int
    ours: int
    theirs: int


def differences(ours: BucketDigest, theirs: BucketDigest) -> tuple[BucketDifference, ...]:
    """The buckets that do not hold the same persons, by number; none when both sides are the same.

    Raises:
        ConfigError: the digests were made with other keys, buckets or dates.
    """
    for what in ("key_id", "bits", "decided_until"):
        if getattr(ours, what) != getattr(theirs, what):
            raise ConfigError("digest", f"the two digests were made with another {what}", "agree on it first")
    nobody = Bucket(0, 0, 0)
    return tuple(
        BucketDifference(
            number, ours.buckets.get(number, nobody).persons, theirs.buckets.get(number, nobody).persons
        )
        for number in sorted(ours.buckets.keys() | theirs.buckets.keys())
        if ours.buckets.get(number, nobody) != theirs.buckets.get(number, nobody)
    )
