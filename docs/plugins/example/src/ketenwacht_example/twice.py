"""An engine: evaluates each suite by one statement and again by the library's own; both must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.plugin_api import (
    Column,
    CopyEngine,
    Dataset,
    Delivery,
    EngineKind,
    FeedReader,
    Measurement,
    MetricKey,
    Outcomes,
    Statements,
    Unmeasured,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwiceSettings:
    """The settings under `engine` beside `kind: twice`.

    Attributes:
        why: the reason for an expectation with two different outcomes.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    why: str = "two ways to evaluate it gave two outcomes"


@dataclass(frozen=True, slots=True)
class TwiceEngine:
    """Copies a delivery like the built-in engine. A plain value: it may be sent to another process."""

    inner: CopyEngine
    settings: TwiceSettings

    def verify(self, delivery: Delivery) -> Delivery:
        """Return the delivery with its SHA-256, or unreadable."""
        return self.inner.verify(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """Open the rows of a delivery."""
        with self.inner.open(delivery) as dataset:
            yield TwiceDataset(dataset, self.settings)


@dataclass(frozen=True, slots=True)
class TwiceDataset:
    """The rows of one delivery; the built-in engine counts them."""

    inner: Dataset
    settings: TwiceSettings

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as they arrived."""
        return self.inner.columns

    def exclude(self, keys: object, groupings: Sequence[tuple[str, ...]]) -> dict[MetricKey, Measurement]:
        """Count and remove canaries."""
        return self.inner.exclude(keys, groupings)

    def profile(
        self, groupings: Sequence[tuple[str, ...]], count_column: str | None
    ) -> dict[MetricKey, Measurement]:
        """Count rows and empty fields by segment."""
        return self.inner.profile(groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """Return the outcomes on which both ways agree; the others could not be judged."""
        del statements  # this engine always runs both
        one, other = (self.inner.evaluate(entries, way) for way in ("folded", "stock"))
        return {name: one[name] if one[name] == other.get(name) else Unmeasured(self.settings.why) for name in one}


def _build(reader: FeedReader, settings: TwiceSettings) -> TwiceEngine:
    """Return the engine; open nothing."""
    return TwiceEngine(CopyEngine(reader), settings)


ENGINE = EngineKind(TwiceSettings, _build)
