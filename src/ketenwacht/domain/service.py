"""How the service runs: the block `service` of config.yaml, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

MIB = 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The block `service` of config.yaml.

    Attributes:
        tick: how often there is a look at what came and what must be told; also of the process that stands by.
        lease: how long a second process waits for one that died, at most; clocks may differ by a fifth of it.
        digest_hour: local hour (0-23) from which the digest of the day is sent.
        ping: address of a dead-man's switch: `/start` and `/fail` are added to it; None: nobody is told.
        host: address that the pages listen on; they have no accounts, so put a proxy before another one.
        port: of the pages; 0 takes a free one.
        measuring: a delivery that takes longer to measure is unreadable, and its process is replaced.
        memory: bytes that measuring may use; more is the end of that process.
        quiet: a file that was written to less than this ago may still grow, and waits for the next look.
        unsent: an alert that waits longer than this means that the service is not ready.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    tick: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(seconds=30)
    digest_hour: int = 16
    ping: str | None = field(default=None, repr=False)  # whoever knows it can keep the switch quiet
    host: str = "127.0.0.1"
    port: int = 8181
    measuring: timedelta = timedelta(minutes=15)
    memory: int = 2048 * MIB
    quiet: timedelta = timedelta(seconds=10)
    unsent: timedelta = timedelta(hours=1)
