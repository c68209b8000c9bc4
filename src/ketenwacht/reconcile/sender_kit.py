"""The sender's kit: what a sender needs to give evidence, with the standard library and our own pure code alone.

`make sender` packs this module and what it imports into one file, `ketenwacht-sender.pyz`. Its files are byte for
byte those of the full product. It reads no configuration: not of the sender, not of the receiver.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import hmac
import json
import os
import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

from ketenwacht.domain.iblt_cells import CELL_BYTES, cells_of, check_of
from ketenwacht.errors import ConfigError, KetenwachtError, UnreadableDelivery, describe_file_fault, format_count
from ketenwacht.reconcile.keys import Keys, encode_key
from ketenwacht.reconcile.private_files import make_head_error, make_length_error, private_file

SCHEMA = "ketenwacht/exact/1"  # of `exact.SCHEMA`; a test holds them equal
LEAST_IN_CELL, PERSONS_PER_CELL, MOST_CELLS, NONCE_BYTES = 5, 9, 50_000, 16
EXACT_TERMS = ("key_id", "feed", "until", "nonce")
_TAG_BYTES, _TRIES, _HEX_DIGITS = 32, 40, 64
_DELIMITERS = ";,\t|"
_HASHED_HEX = {32, 40, 56, 64, 96, 128}
_HEX = re.compile(r"[0-9a-fA-F]+")
_LISTED = re.compile(r"([^:]+):([0-9a-fA-F]{32}(?:[0-9a-fA-F]{32})?)")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
Row = list[str]


def pseudonymise(
    source: Path, target: Path, *, key: Sequence[str], keep: Sequence[str], keys: Keys
) -> tuple[int, int]:
    """Write a register with keyed pseudonyms and the columns in `keep`; return rows and those without a key."""
    if set(key) & set(keep):
        raise ConfigError("--keep", "would keep the key in clear", "remove the key column from it")
    rows, empty = [], 0
    with _table(source) as (header, records):
        of, kept = _places(source, header, key), _places(source, header, keep)
        for record in records:
            text = encode_key([record[i] for i in of])
            _refuse_signed(source, text)
            empty += text == ""
            rows.append([keys.make_pseudonym(text) if text else "", *(record[i].strip(" ") for i in kept)])
    rows.sort(key=lambda row: [value.encode() for value in row])
    name = key[0] if len(key) == 1 else "pseudonym"
    _write(target, [[name, *keep], *rows], blank='""')
    return len(rows), empty


def write_exact(  # noqa: PLR0913 - what the file depends on
    source: Path,
    target: Path,
    *,
    feed: str,
    key: Sequence[str],
    decided: str | None,
    until: date | None,
    expected: int | None,
    extends: Path | None,
    keys: Keys,
) -> int:
    """Write the exact digest of a register; return its cells."""
    before = _read_head(extends) if extends is not None else None
    if before is not None:
        if before.get("key_id") != keys.newest:
            raise ConfigError(str(extends), f"is not made with key {keys.newest}", "extend it with the key it has")
        feed, day = str(before.get("feed", "")), before.get("until")
        until = date.fromisoformat(str(day)) if day is not None else None
    persons = _read_persons(source, key, decided, until, keys)
    cells = _choose_cells(len(persons), expected)
    for _ in range(_TRIES):
        nonce = str(before["nonce"]) if before is not None else secrets.token_hex(NONCE_BYTES)
        made = _make_exact(persons, feed, until, nonce, cells, keys)
        if made is not None:
            if before is not None and extends is not None:
                _require_same(extends, made)
            with private_file(target) as partial:
                partial.write_bytes(made)
            return cells
        if before is not None:
            break
    raise ConfigError("--expect", "a cell would hold fewer than five persons", "expect a smaller difference")


def _make_exact(  # noqa: PLR0913, PLR0917 - what the file depends on
    persons: Sequence[str], feed: str, until: date | None, nonce: str, cells: int, keys: Keys
) -> bytes | None:
    """Return the bytes of the file; None: a cell holds too few persons."""
    day = until.isoformat() if until is not None else None
    derived = keys.derive_key(keys.newest, json.dumps([SCHEMA, feed, day or "", nonce]))
    salt = int.from_bytes(hashlib.sha256(derived + b"check").digest()[:8], "big")
    ids, checks, counts = [0] * cells, [0] * cells, [0] * cells
    for person in persons:
        one = int(hmac.new(derived, person.encode(), hashlib.sha256).hexdigest()[:16], 16)
        check = check_of(one, salt)
        for cell in cells_of(one):
            if cell >= cells:
                break
            ids[cell] ^= one
            checks[cell] ^= check
            counts[cell] += 1
    if min(counts) < LEAST_IN_CELL:
        return None
    head = {
        "schema": SCHEMA,
        "feed": feed,
        "key_id": keys.newest,
        "until": day,
        "nonce": nonce,
        "persons": len(persons),
        "cells": cells,
    }
    packed = b"".join(a.to_bytes(8, "big") + b.to_bytes(4, "big") for a, b in zip(ids, checks, strict=True))
    body = json.dumps(head).encode("ascii") + b"\n" + packed
    return body + hmac.new(hashlib.sha256(derived + b"file").digest(), body, hashlib.sha256).digest()


def _choose_cells(persons: int, expected: int | None) -> int:
    most = persons // PERSONS_PER_CELL
    if most < 1:
        what = f"{persons} persons are too few: a cell would say something of each"
        raise ConfigError("digest", what, "compare by list, or digest a longer period")
    wanted = min(most, MOST_CELLS) if expected is None else int(1.6 * expected) + 60
    if wanted > most:
        what = f"a difference of {expected} needs {wanted} cells, and {persons} persons allow {most}"
        fits = max(0, int((most - 60) / 1.6))
        mend = f"give {fits} at most, or leave it out; where more differ, use `pseudonymise`"
        raise ConfigError("--expect", what, mend)
    return wanted


def _read_persons(
    source: Path, key: Sequence[str], decided: str | None, until: date | None, keys: Keys
) -> list[str]:
    """Return the first 32 hex digits of each person's pseudonym, once, decided on until a date."""
    first: dict[str, date | None] = {}
    with _table(source) as (header, records):
        of = _places(source, header, key)
        at = _places(source, header, [decided])[0] if decided is not None else None
        for record in records:
            text = encode_key([record[i] for i in of])
            if not text:
                continue
            _refuse_signed(source, text)
            person = keys.make_pseudonym(text).rpartition(":")[2][:32]
            day = _day(record[at]) if at is not None else None
            known = first.get(person)
            first[person] = day if known is None else min(known, day) if day is not None else known
    if until is None:
        return list(first)
    return [person for person, day in first.items() if day is not None and day <= until]


def _day(text: str) -> date | None:
    value = text.strip(" ")
    found = _DAY.match(value[:10])
    parts = found.groups() if found else (value[:4], value[4:6], value[6:8]) if len(value) == 8 else ()  # noqa: PLR2004
    try:
        return date(*(int(part) for part in parts)) if parts else None
    except ValueError:
        return None


def _read_head(path: Path) -> dict[str, object]:
    line = b""
    try:
        line = path.read_bytes().partition(b"\n")[0]
        head = json.loads(line)
        if head["schema"] != SCHEMA or not re.fullmatch(r"[0-9a-f]{32}", head["nonce"]):
            raise ValueError  # noqa: TRY301 - one refusal for all
        int(head["cells"])
        if head.get("until") is not None:
            date.fromisoformat(head["until"])
    except (OSError, ValueError, KeyError, TypeError):
        raise make_head_error(path, line, SCHEMA) from None
    return dict(head)


def _require_same(extends: Path, made: bytes) -> None:
    """Refuse a digest of other persons than the one that it extends: those of others could be subtracted."""
    old = extends.read_bytes()
    head = _read_head(extends)
    start, size = old.index(b"\n") + 1, int(str(head["cells"])) * CELL_BYTES
    if len(old) != start + size + _TAG_BYTES:
        raise make_length_error(extends, len(old), start + size + _TAG_BYTES)
    begin = made.index(b"\n") + 1
    if len(made) <= len(old) or made[begin : begin + size] != old[start : start + size]:
        what = "is a digest of other persons than there are now, or is not smaller"
        raise ConfigError("--extends", what, "write a new digest without --extends")


def lookup(source: Path, listed: Path, target: Path, *, key: Sequence[str], keys: Keys) -> tuple[int, int]:
    """Write the rows of the persons in a list; return how many are listed, and how many the register holds."""
    wanted, sign = _read_list(listed, keys)
    found, rows = set(), []
    with _table(source) as (header, records):
        of = _places(source, header, key)
        rows.append(header)
        for record in records:
            text = encode_key([record[i] for i in of])
            if text:
                _refuse_signed(source, text)
                one = sign(text)
                if one in wanted:
                    found.add(one)
                    rows.append(record)
    _write(target, [rows[0], *sorted(rows[1:])], blank="")
    return len(wanted), len(found)


def _read_list(listed: Path, keys: Keys) -> tuple[set[str], Callable[[str], str]]:
    """Return what a list holds, and how a key becomes an entry of it."""
    with _table(listed) as (header, records):
        rows = [dict(zip(header, record, strict=True)) for record in records]
    if header == ["exact_id", *EXACT_TERMS]:
        terms = {tuple(row[name] for name in EXACT_TERMS) for row in rows}
        if len(terms) != 1:
            raise UnreadableDelivery(f"{listed}: is not a list of ids of one exact digest")
        key_id, feed, until, nonce = terms.pop()
        derived = keys.derive_key(key_id, json.dumps([SCHEMA, feed, until, nonce]))

        def exact(text: str) -> str:
            person = keys.make_pseudonym(text, key_id).rpartition(":")[2][:32]
            return hmac.new(derived, person.encode(), hashlib.sha256).hexdigest()[:16]

        return {row["exact_id"] for row in rows}, exact
    if "pseudonym" not in header:
        raise ConfigError(str(listed), "has no column pseudonym", "name a list that `reconcile --missing` wrote")
    matches = [_LISTED.fullmatch(row["pseudonym"].strip(" ")) for row in rows]
    names = {match[1] for match in matches if match is not None}
    if None in matches or len(names) != 1:
        raise UnreadableDelivery(f"{listed}: is not a list of pseudonyms of one key")
    name = names.pop()
    wanted = {match[2][:32].lower() for match in matches if match is not None}
    return wanted, lambda text: keys.make_pseudonym(text, name).rpartition(":")[2][:32]


def read_receipts(paths: Sequence[Path]) -> Iterator[str]:
    """Yield one line a receipt: delivery, status, persons accepted, and the codes of findings."""
    for path in paths:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            number = found.get("volgnummer", found.get("levering_id", path.stem))
            listed = Counter(
                str(one.get("code", "")) for one in found.get("bevindingen", found.get("findings")) or []
            )
            codes = ", ".join(f"{code} ×{n}" if n > 1 else code for code, n in listed.items())
            yield f"{number}  {found.get('status', '?')}  {found.get('aantal', '?')}  {codes}".rstrip()
        except (OSError, ValueError, AttributeError, TypeError) as fault:
            raise UnreadableDelivery(f"{path}: is not a receipt ({describe_file_fault(fault)})") from None


# Files.


@contextmanager
def _table(path: Path) -> Iterator[tuple[Row, Iterator[Row]]]:
    """Open a CSV with a header: its columns, and its rows as texts."""
    if not path.is_file():
        raise ConfigError(str(path), "is not a file", "name a CSV file")
    try:
        with _open_text(path) as stream:
            first = stream.readline()
            delimiter = max(_DELIMITERS, key=first.count)
            header = next(csv.reader([first.rstrip("\r\n")], delimiter=delimiter), [])
            if not any(header) or len(set(header)) != len(header):
                raise UnreadableDelivery(f"{path}: line 1 is not a header with unique column names")
            yield header, _rows(path, stream, delimiter, len(header))
    except (UnicodeDecodeError, OSError, EOFError, csv.Error) as fault:
        raise UnreadableDelivery(f"{path}: cannot be read ({describe_file_fault(fault)})") from None


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(path: Path, stream: TextIO, delimiter: str, size: int) -> Iterator[Row]:
    for number, row in enumerate(csv.reader(stream, delimiter=delimiter, strict=True), start=2):
        if len(row) != size:
            raise UnreadableDelivery(
                f"{path}: line {number} has {format_count(len(row), 'column')}, and the header {size}"
            )
        yield row


def _places(path: Path, header: Row, names: Sequence[str]) -> list[int]:
    for name in names:
        if name not in header:
            raise ConfigError(
                str(path), f"has no column {name} among its {len(header)}", "name a column of its header"
            )
    return [header.index(name) for name in names]


def _refuse_signed(path: Path, text: str) -> None:
    """Refuse a key that is a pseudonym already, or a plain hash, which anybody can reverse."""
    secret = text.rpartition(":")[2]
    if ":" in text and len(secret) == _HEX_DIGITS and _HEX.fullmatch(secret):
        raise ConfigError(str(path), "holds pseudonyms already", "start from the clear register")
    if len(text) in _HASHED_HEX and _HEX.fullmatch(text):
        raise ConfigError(str(path), "holds plain hashes, which can be reversed", "start from the clear register")


def _write(target: Path, rows: Sequence[Row], *, blank: str) -> None:
    with private_file(target) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        for row in rows:
            stream.write(";".join(_cell(value, blank) for value in row) + "\n")


def _cell(value: str, blank: str) -> str:
    """Return a value as DuckDB writes it to CSV."""
    if value == "":
        return blank
    if any(mark in value for mark in ';"\n\r#'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _keys() -> Keys:
    path, text = os.environ.get("KETENWACHT_KEYS_FILE"), os.environ.get("KETENWACHT_KEYS")
    if path:
        return Keys.read(Path(path))
    if text:
        return Keys.parse(text, where="KETENWACHT_KEYS")
    raise ConfigError("KETENWACHT_KEYS_FILE", "no key is given", "name the key file of both parties")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ketenwacht-sender", description="What a sender of a feed exchanges.")
    commands = parser.add_subparsers(dest="command", required=True)
    sign = commands.add_parser("pseudonymise", help="write a register with keyed pseudonyms")
    sign.add_argument("source", type=Path, metavar="IN")
    sign.add_argument("--keep", type=_names, default=[], action="extend", metavar="COLUMNS")
    digest = commands.add_parser("digest", help="write the exact digest of a register")
    digest.add_argument("feed", nargs="?", default="")
    digest.add_argument("--exact", action="store_true", required=True)
    digest.add_argument("--register", dest="source", type=Path, required=True, metavar="IN")
    digest.add_argument("--decided-column")
    digest.add_argument("--until", type=date.fromisoformat)
    digest.add_argument("--expect", type=int)
    digest.add_argument("--extends", type=Path)
    look = commands.add_parser("lookup", help="write the rows of a register that a list names")
    look.add_argument("source", type=Path, metavar="IN")
    look.add_argument("--list", dest="listed", type=Path, required=True)
    for one in (sign, digest, look):
        one.add_argument("--key", type=_names, required=True, metavar="COLUMNS")
        one.add_argument("--out", type=Path, required=True)
    receipt = commands.add_parser("receipt", help="print what receipts of the receiver say")
    receipt.add_argument("paths", type=Path, nargs="+", metavar="FILE")
    return parser


def _run(given: argparse.Namespace) -> int:
    if given.command == "pseudonymise":
        rows, empty = pseudonymise(given.source, given.out, key=given.key, keep=given.keep, keys=_keys())
        print(f"{rows} rows written, {empty} without a key")  # noqa: T201 - a command
    elif given.command == "digest":
        cells = write_exact(
            given.source,
            given.out,
            feed=given.feed,
            key=given.key,
            decided=given.decided_column,
            until=given.until,
            expected=given.expect,
            extends=given.extends,
            keys=_keys(),
        )
        print(f"{cells} cells written")  # noqa: T201 - see above
    elif given.command == "lookup":
        asked, found = lookup(given.source, given.listed, given.out, key=given.key, keys=_keys())
        print(f"{found} of {asked} persons found")  # noqa: T201 - see above
        return 0 if found == asked else 1
    else:
        for line in read_receipts(given.paths):
            print(line)  # noqa: T201 - see above
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0: done, 1: not everybody was found, 2: asked wrongly, 3: a file could not be read."""
    given = _parser().parse_args(arguments)
    try:
        return _run(given)
    except ConfigError as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - see above
        return 2
    except KetenwachtError as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - see above
        return 3


if __name__ == "__main__":
    sys.exit(main())
