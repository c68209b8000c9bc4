"""The shared secret keys behind pseudonyms: HMAC-SHA256, each key with an id, so that keys can be rotated.

A plain hash of a nine- or ten-digit number is undone by trying them all; only a keyed one is a pseudonym.
Source: RFC 2104 (HMAC), RFC 4868 (HMAC-SHA256, and its truncation to 128 bits).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ketenwacht.errors import ConfigError

KEY_BYTES = 32  # RFC 2104, 3: a key shorter than the hash's output weakens it
DISTINCT_BYTES = 12  # 32 random bytes hold fewer distinct values once in 10^15 draws
BLOCK = 64  # bytes in a block of SHA-256
MAKE_ONE = "make a key with `openssl rand -hex 32`"

KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


@dataclass(frozen=True, slots=True)
class HmacPads:
    """The inner and outer pad of HMAC, 64 bytes each: what SQL needs, and never the key itself.

    The pads are as secret as the key; neither is shown.
    """

    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by id, oldest first: the last one signs, the others can still be read.

    Bytes never show in `repr`.
    """

    _by_id: tuple[tuple[str, bytes], ...] = field(repr=False)

    @classmethod
    def of(cls, by_id: Mapping[str, bytes], *, where: str = "keys") -> Keys:
        """Take key id → key bytes, oldest first.

        Args:
            by_id: at least 32 random bytes under each id.
            where: what to name when a key is refused: a path, a setting, a variable. Never the key.

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
        """Read keys from text: `id:hex` or `id:base64`, one a line (or comma), oldest first, `#` for remarks.

        Raises:
            ConfigError: a line that is no such pair, an id given twice, or a refused key; names the line only.
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
                found[key_id] = _decoded(secret.strip(), at_line)
        return cls.of(found, where=where)

    @classmethod
    def read(cls, path: Path) -> Keys:
        """Read a key file, as `parse` does.

        Raises:
            ConfigError: it cannot be read, or `parse` refuses it.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            raise ConfigError(
                str(path), f"cannot be read ({type(fault).__name__})", "name a readable key file"
            ) from None
        return cls.parse(text, where=str(path))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every key id, oldest first."""
        return tuple(key_id for key_id, _ in self._by_id)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The keys themselves, oldest first."""
        return tuple(key for _, key in self._by_id)

    @property
    def newest(self) -> str:
        """Id of the key that signs."""
        return self._by_id[-1][0]

    def __contains__(self, key_id: str) -> bool:
        return key_id in self.ids

    def pads(self, key_id: str) -> HmacPads:
        """The HMAC pads of a key, for use in SQL.

        Raises:
            ConfigError: there is no key with this id.
        """
        key = self._key(key_id)
        block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
        return HmacPads(bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block))

    def pseudonym(self, value: str, key_id: str | None = None) -> str:
        """`id:` and 64 hex digits for one value, spaces around it left out; the newest key when none is named."""
        chosen = self.newest if key_id is None else key_id
        digest = hmac.new(self._key(chosen), value.strip(" ").encode(), hashlib.sha256)
        return f"{chosen}:{digest.hexdigest()}"

    def _key(self, key_id: str) -> bytes:
        for known, key in self._by_id:
            if known == key_id:
                return key
        raise ConfigError(
            f"key {key_id}", "is not among the keys", "add the key with this id, or use a newer file"
        )


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


def _decoded(secret: str, where: str) -> bytes:
    if _HEX.fullmatch(secret):
        return bytes.fromhex(secret)
    try:
        return base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(where, "is neither hex nor base64", MAKE_ONE) from None
