"""The clock, ids, sleep, secrets and environment of the real world. Nobody else has them."""

from __future__ import annotations

import getpass
import os
import secrets
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from ketenwacht.errors import ConfigError


def now() -> datetime:
    """This moment, aware UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """An id that nothing else has."""
    return uuid.uuid4().hex[:12]  # short enough to type, and the history refuses one that is taken


def sleep(seconds: float) -> None:
    """Wait; nothing when `seconds` is not positive."""
    if seconds > 0:
        time.sleep(seconds)


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def user() -> str | None:
    """The account that runs this process, None when it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may run as a number without an account
        return None


def actor(by: str | None) -> str:
    """Who acts: as said, or the account that runs this process.

    Raises:
        ConfigError: nobody is named, and the account has no name.
    """
    who = (by if by is not None else user() or "").strip()
    if not who:
        raise ConfigError("--by", "nobody is named, and this account has no name", "say who does this")
    return who


def fresh_key() -> bytes:
    """A key of 256 bits that is never written anywhere."""
    return secrets.token_bytes(32)


def worker_name() -> str:
    """A name for this process among those that share a history."""
    return f"{os.uname().nodename}-{os.getpid()}"
