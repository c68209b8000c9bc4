"""An engine: each suite is judged by one statement and again by the library's own, and they must agree."""

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
    """What stands under `engine` beside `kind: twice`.

    Attributes:
        why: what is said of an expectation that was judged in two ways.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    why: str = "two ways of asking gave two answers"


@dataclass(frozen=True, slots=True)
class TwiceEngine:
    """Copies a delivery as the built-in engine does. A plain value: it may be sent to another process."""

    inner: CopyEngine
    settings: TwiceSettings

    def verify(self, delivery: Delivery) -> Delivery:
        """The delivery with its SHA-256, or unreadable."""
        return self.inner.verify(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """Its rows, while the context lasts."""
        with self.inner.open(delivery) as dataset:
            yield TwiceDataset(dataset, self.settings)


@dataclass(frozen=True, slots=True)
class TwiceDataset:
    """The rows of one delivery; counting them is left to the built-in engine."""

    inner: Dataset
    settings: TwiceSettings

    @property
    def columns(self) -> tuple[Column, ...]:
        """As they arrived."""
        return self.inner.columns

    def exclude(self, keys: object, groupings: Sequence[tuple[str, ...]]) -> dict[MetricKey, Measurement]:
        """Synthetic persons, counted by themselves."""
        return self.inner.exclude(keys, groupings)

    def profile(
        self, groupings: Sequence[tuple[str, ...]], count_column: str | None
    ) -> dict[MetricKey, Measurement]:
        """Rows and empty fields by segment."""
        return self.inner.profile(groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """What both ways of asking agree on; the rest could not be judged."""
        del statements  # whichever was asked for, both are done
        one, other = (self.inner.evaluate(entries, way) for way in ("folded", "stock"))
        return {name: one[name] if one[name] == other.get(name) else Unmeasured(self.settings.why) for name in one}


def _build(reader: FeedReader, settings: TwiceSettings) -> TwiceEngine:
    """An engine; nothing is opened yet."""
    return TwiceEngine(CopyEngine(reader), settings)


ENGINE = EngineKind(TwiceSettings, _build)
