"""The real clock, ids, sleep, secrets and environment. No other module uses them."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError

if TYPE_CHECKING:
    from ketenwacht.reconcile import Keys


def now() -> datetime:
    """Return this moment, aware UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return an id that nothing else has."""
    return uuid.uuid4().hex[:12]  # short enough to type, and the history refuses one that is taken


def new_secret() -> str:
    """Return a secret that lives as long as this process."""
    return secrets.token_urlsafe(32)


def sleep(seconds: float) -> None:
    """Wait; nothing when `seconds` is not positive."""
    if seconds > 0:
        time.sleep(seconds)


def environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ


def user() -> str | None:
    """Return the account that runs this process, None when it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container may run as a number without an account
        return None


def actor(by: str | None) -> str:
    """Return who acts: the given name, or the account that runs this process.

    Raises:
        ConfigError: nobody is named, and the account has no name.
    """
    who = (by if by is not None else user() or "").strip()
    if not who:
        raise ConfigError("--by", "nobody is named, and this account has no name", "say who does this")
    return who


def worker_name() -> str:
    """Return a name for this process among those that share a history."""
    return f"{socket.gethostname()}-{os.getpid()}"


AUDIT_KEYS = "KETENWACHT_AUDIT_KEYS"


# Keys, from the environment or from the file that it names.

KEYS = "KETENWACHT_KEYS"
AUDIT_KEYS = "KETENWACHT_AUDIT_KEYS"


def agreed_keys() -> Keys | None:
    """Return the keys of pseudonyms that both parties hold; None when the environment has none.

    Raises:
        ConfigError: they are malformed or weak, or their file cannot be read.
    """
    return _keys_of(KEYS)


def read_or_make_keys() -> Keys:
    """Return the keys that both parties hold, or a fresh one that only serves registers in clear on this machine.

    Raises:
        ConfigError: the keys are malformed or weak, or their file cannot be read.
    """
    from ketenwacht.reconcile import Keys  # noqa: PLC0415 - most commands need no keys

    return agreed_keys() or Keys.of({"once": secrets.token_bytes(32)})


def audit_keys() -> tuple[bytes, ...]:
    """Return the keys that sign the audit log, oldest first; () when the environment has none.

    Raises:
        ConfigError: they are malformed or weak, or their file cannot be read.
    """
    found = _keys_of(AUDIT_KEYS)
    return () if found is None else found.secrets


def _keys_of(name: str) -> Keys | None:
    environ = environment()
    text, file = environ.get(name), environ.get(f"{name}_FILE")
    if not text and not file:
        return None
    from ketenwacht.reconcile import Keys  # noqa: PLC0415 - most commands need no keys

    return Keys.parse(text, where=name) if text else Keys.read(Path(file or ""))
