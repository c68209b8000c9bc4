"""The shared secret keys behind pseudonyms: HMAC-SHA256, each key with an id, so that keys can be rotated.

A plain hash of a nine- or ten-digit number can be reversed by trying every number; a keyed hash cannot.
Source: RFC 2104 (HMAC), RFC 4868 (HMAC-SHA256, and its truncation to 128 bits).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.document_limits import read_secret
from ketenwacht.errors import ConfigError, describe_file_fault
from ketenwacht.sql import quote_name

if TYPE_CHECKING:
    import duckdb

KEY_BYTES = 32  # RFC 2104, 3: a key shorter than the hash's output weakens it
DISTINCT_BYTES = 12  # 32 random bytes hold fewer distinct values once in 10^15 draws
BLOCK = 64  # bytes in a block of SHA-256
_LONGEST_PART = 64  # bytes of a part that a key may not repeat
MAKE_ONE = "make a key with `openssl rand -hex 32`"

KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


@dataclass(frozen=True, slots=True)
class HmacPads:
    """The inner and outer padded key of HMAC (RFC 2104), 64 bytes each: SQL needs these, not the key.

    They are as secret as the key and never show in `repr`.
    """

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by id, oldest first: the last key signs, older keys verify.

    Key bytes never show in `repr`.
    """

    _by_id: tuple[tuple[str, bytes], ...] = field(repr=False)

    @classmethod
    def of(cls, by_id: Mapping[str, bytes], *, where: str = "keys") -> Keys:
        """Return keys from key id → key bytes, oldest first.

        Args:
            by_id: at least 32 random bytes for each id.
            where: place to name in an error: a path, setting or variable, never the key.

        Raises:
            ConfigError: no key, a bad id, or a short or guessable key.
        """
        if not by_id:
            raise ConfigError(where, "holds no key", MAKE_ONE)
        for key_id, key in by_id.items():
            _refuse_bad_id(key_id, where)
            _refuse_weak(key, f"{where}: key {key_id}")
        return cls(tuple((key_id, bytes(key)) for key_id, key in by_id.items()))

    @classmethod
    def parse(cls, text: str, *, where: str) -> Keys:
        """Return keys from text: `id:hex` or `id:base64`, by line or comma, oldest first; `#` starts a comment.

        Raises:
            ConfigError: a line without such a pair, a repeated id, or a refused key; names only the line.
        """
        found: dict[str, bytes] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            for entry in line.partition("#")[0].split(","):
                if not entry.strip():
                    continue
                at_line = f"{where}:{number}"
                key_id, colon, secret = entry.strip().partition(":")
                if not colon:
                    raise ConfigError(at_line, "is not a pair id:key", "write `id:` and the key in hex or base64")
                if key_id in found:
                    raise ConfigError(at_line, "gives a key id that was given before", "give each key its own id")
                _refuse_bad_id(key_id, at_line)
                found[key_id] = _decode_secret(secret.strip(), at_line)
                if len(found[key_id]) >= KEY_BYTES and _is_guessable(found[key_id]):
                    raise ConfigError(at_line, "can be guessed: it repeats itself, counts, or is text", MAKE_ONE)
        return cls.of(found, where=where)

    @classmethod
    def read(cls, path: Path) -> Keys:
        """Return the keys in a file, see `parse`.

        Raises:
            ConfigError: it cannot be read, or `parse` refuses it.
        """
        try:
            text = read_secret(path)
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(
                str(path), f"cannot be read ({describe_file_fault(fault)})", "name a readable key file"
            ) from None
        return cls.parse(text, where=str(path))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every key id, oldest first."""
        return tuple(key_id for key_id, _ in self._by_id)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The key bytes, oldest first."""
        return tuple(key for _, key in self._by_id)

    @property
    def newest(self) -> str:
        """Id of the key that signs."""
        return self._by_id[-1][0]

    def __contains__(self, key_id: str) -> bool:
        return key_id in self.ids

    def make_pads(self, key_id: str) -> HmacPads:
        """Return the HMAC pads of a key, for use in SQL.

        Raises:
            ConfigError: there is no key with this id.
        """
        return _pad(self._key(key_id))

    def derive(self, key_id: str, purpose: str) -> HmacPads:
        """Return the HMAC pads of a key that is only for `purpose`: HMAC of the purpose under a key.

        Raises:
            ConfigError: there is no key with this id.
        """
        return _pad(self.derive_key(key_id, purpose))

    def derive_key(self, key_id: str, purpose: str) -> bytes:
        """Return a key that is only for `purpose`, 32 bytes; raises as `derive`."""
        return hmac.new(self._key(key_id), purpose.encode(), hashlib.sha256).digest()

    def make_pseudonym(self, value: str, key_id: str | None = None) -> str:
        """Return `id:` and 64 hex digits for a value, spaces trimmed; the newest key signs by default."""
        chosen = self.newest if key_id is None else key_id
        digest = hmac.new(self._key(chosen), value.strip(" ").encode(), hashlib.sha256)
        return f"{chosen}:{digest.hexdigest()}"

    def _key(self, key_id: str) -> bytes:
        for known, key in self._by_id:
            if known == key_id:
                return key
        raise ConfigError(
            f"key {key_id}", "is not among the keys", "add the key with this id, or use a newer key file"
        )


def _pad(key: bytes) -> HmacPads:
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return HmacPads(bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block))


def _refuse_bad_id(key_id: str, where: str) -> None:
    if not KEY_ID.fullmatch(key_id):
        raise ConfigError(
            where, "holds a key id that cannot be used", "use up to 32 letters, digits, dots, dashes, underscores"
        )


def _refuse_weak(key: bytes, where: str) -> None:
    if len(key) < KEY_BYTES:
        raise ConfigError(where, f"is too short: {len(key)} bytes of the {KEY_BYTES} needed", MAKE_ONE)
    if len(set(key)) < DISTINCT_BYTES or (key.isascii() and key.decode("ascii").isprintable()):
        raise ConfigError(where, "can be guessed: it repeats itself or is plain text", MAKE_ONE)


def _is_guessable(key: bytes) -> bool:
    """Return whether a key was not drawn by chance.

    A key of 32 random bytes has 30 different bytes on average, and as many different steps from one byte to the
    next; fewer than `DISTINCT_BYTES` of either come once in 10^15 draws. A counter has one step, a repeated part
    the same bytes again, and text is readable.
    """
    steps = {(second - first) % 256 for first, second in pairwise(key)}
    repeated = any(key[size:] == key[:-size] for size in range(1, min(len(key) // 2, _LONGEST_PART) + 1))
    try:
        text = "".join(key.decode("utf-8").split())
        readable = text.isprintable()
    except UnicodeDecodeError:
        readable = False
    return len(steps) < DISTINCT_BYTES or repeated or readable


def _decode_secret(secret: str, where: str) -> bytes:
    if _HEX.fullmatch(secret):
        return bytes.fromhex(secret)
    try:
        return base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(where, "is neither hex nor base64", MAKE_ONE) from None


# Pseudonyms in SQL: from a key column to 128 bits to join on; columns that are refused.


HEX_DIGITS = 64
_SAMPLE = 1000

# Lengths of plain hashes in hex and base64: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
_HEX_LENGTHS = (32, 40, 56, 64, 96, 128)
_BASE64_LENGTHS = (24, 28, 40, 44, 64, 88)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a key column.

    Attributes:
        key_id: id of the key behind the column's pseudonyms; None: clear keys.
    """

    key_id: str | None = None

    @property
    def clear(self) -> bool:
        """Whether the column holds clear keys."""
        return self.key_id is None


def text(name: str) -> str:
    """Return SQL for a column as text without surrounding spaces, empty for null."""
    value = f"{quote_name(name)}::VARCHAR"
    # Trimming costs twenty times the test for spaces, and few values need it.
    padded = f"starts_with({value}, ' ') OR ends_with({value}, ' ')"
    return f"coalesce(CASE WHEN {padded} THEN trim({value}, ' ') ELSE {value} END, '')"


def key_text(columns: Sequence[str]) -> str:
    """Return SQL for the text that a pseudonym is made of; empty when a column of the key is empty.

    A key of one column is that column's text. A key of several columns is the text of each column behind its
    length in bytes of UTF-8 and a colon (`2:ab1:c`), so that no two keys have the same text.
    """
    if len(columns) == 1:
        return text(columns[0])
    parts = [text(name) for name in columns]
    empty = " OR ".join(f"{part} = ''" for part in parts)
    joined = " || ".join(f"strlen({part})::VARCHAR || ':' || {part}" for part in parts)
    return f"CASE WHEN {empty} THEN '' ELSE {joined} END"


def encode_key(values: Sequence[str]) -> str:
    """Return the text that a pseudonym is made of, as `key_text` does in SQL."""
    trimmed = [value.strip(" ") for value in values]
    if len(trimmed) == 1:
        return trimmed[0]
    return "" if "" in trimmed else "".join(f"{len(value.encode())}:{value}" for value in trimmed)


def looks_hashed_sql(columns: Sequence[str]) -> str:
    """Return SQL that tests whether a column of the key holds a plain hash."""
    return " OR ".join(f"({_hashed_sql(text(name))})" for name in columns)


def _hashed_sql(value: str) -> str:
    """Return SQL that tests for a plain hash. Length goes first: it is cheap and excludes real keys."""
    hexes, base64s = ", ".join(map(str, _HEX_LENGTHS)), ", ".join(map(str, _BASE64_LENGTHS))
    return (
        f"CASE WHEN length({value}) IN ({hexes}) AND regexp_full_match({value}, '[0-9a-fA-F]+') THEN true "
        f"WHEN length({value}) IN ({base64s}) "
        f"AND regexp_full_match({value}, '[A-Za-z0-9+/_-]+={{1,2}}') THEN true ELSE false END"
    )


def find_form(connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], *, where: str) -> Form:
    """Return the form of the key column of `relation` (SQL for FROM), from its first thousand keys.

    `refuse_malformed` later checks all rows for this form.

    Raises:
        ConfigError: plain hashes, or pseudonyms of more than one key.
    """
    key, named = key_text(columns), ", ".join(columns)
    key_id = f"regexp_extract({key}, '^([^:]+):[0-9a-fA-F]{{{HEX_DIGITS}}}$', 1)"
    found = connection.execute(
        "SELECT DISTINCT key_id, key_id = '' AND hashed "  # noqa: S608 - names are quoted
        f"FROM (SELECT {key_id} AS key_id, {looks_hashed_sql(columns)} AS hashed "
        f"FROM {relation} WHERE {key} <> '' LIMIT {_SAMPLE})"
    ).fetchall()
    if any(hashed for _, hashed in found):
        raise plain_hash_error(where, named)
    ids = sorted({str(row[0]) for row in found})
    if len(ids) > 1:
        raise ConfigError(
            where, f"column {named} mixes key ids, or pseudonyms with clear keys", "use one key id a file"
        )
    if any(found_id and not KEY_ID.fullmatch(found_id) for found_id in ids):
        raise ConfigError(
            where, "holds a key id that cannot be used", "use letters, digits, dots, dashes, underscores"
        )
    return Form(ids[0] or None) if ids else Form()


def plain_hash_error(where: str, column: str) -> ConfigError:
    """Return the error for a column of plain hashes."""
    return ConfigError(
        where,
        f"column {column} holds plain hashes, which can be reversed by trying every number",
        "make keyed pseudonyms with `ketenwacht pseudonymise`",
    )


def pseudonym_sql(columns: Sequence[str], form: Form) -> str:
    """Return SQL for the 64 hex digits of a row's pseudonym; null for a malformed pseudonym.

    Clear keys need the parameters `$inner` and `$outer`, see `signing_parameters`. The caller excludes
    rows without a key.
    """
    key = key_text(columns)
    if form.clear:
        return f"sha256($outer || unhex(sha256($inner || encode({key}))))"
    prefix = f"{form.key_id}:"
    return (
        f"CASE WHEN starts_with({key}, '{prefix}') AND length({key}) = {len(prefix) + HEX_DIGITS} "
        f"THEN substr({key}, {len(prefix) + 1}) END"
    )


def number_sql(hex_digits: str) -> str:
    """Return SQL for the number to join on, the first 128 bits; null when they are no hex digits."""
    high, low = (f"TRY_CAST('0x' || substr({hex_digits}, {at}, 16) AS UBIGINT)" for at in (1, 17))
    return f"(({high})::UHUGEINT << 64) | ({low})::UHUGEINT"


def signing_parameters(form: Form, keys: Keys | None, key_id: str) -> dict[str, bytes]:
    """Return the parameters of `pseudonym_sql`; {} unless it signs clear keys."""
    if keys is None or not form.clear:
        return {}
    pads = keys.make_pads(key_id)
    return {"inner": pads.inner, "outer": pads.outer}
