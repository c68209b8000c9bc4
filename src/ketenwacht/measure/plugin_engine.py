"""The guard around the engine of a plug-in.

It turns its exceptions into our errors, and checks what it returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.guard import quiet
from ketenwacht.domain.measurement import Column, Measurement, MetricKey, Unmeasured, nulls
from ketenwacht.domain.personal_values import LONGEST_TEXT, looks_personal
from ketenwacht.domain.statement import Statement, Text
from ketenwacht.errors import DeliveryError, EngineError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.plugins import guard_plugin_call
from ketenwacht.plugins.renamed import find_method

from .engine import Dataset, Statements
from .profile import Grouping, KeyRange
from .suite import ExpectationOutcome, Outcomes

_NULLS = nulls("")


@dataclass(frozen=True, slots=True)
class GuardedEngine:
    """Calls the engine of a plug-in; see `Engine`.

    Attributes:
        word: the name of the plug-in, for errors.
        inner: the `Engine` of the plug-in.
    """

    word: str
    inner: Any

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        verified = guard_plugin_call(lambda: self.inner.verify(delivery), self._unreachable)
        if not isinstance(verified, Delivery) or verified.id != delivery.id:
            raise DeliveryError(f"the engine {self.word} returned another delivery than it was given to verify")
        return verified

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """See `Engine.open`."""
        context = guard_plugin_call(lambda: find_method(self.inner, "open")(delivery), self._unreadable)
        dataset = guard_plugin_call(lambda: context.__enter__(), self._unreadable)  # noqa: PLW0108 - it may not have it
        try:
            columns = guard_plugin_call(lambda: tuple(dataset.columns), self._unreadable)
            if not columns or not all(isinstance(column, Column) for column in columns):
                raise unreadable("delivery.plugin_no_columns", plugin=Text.of(self.word))
            yield _GuardedDataset(self.word, dataset, columns)
        finally:
            guard_plugin_call(lambda: context.__exit__(None, None, None), self._unreadable)

    def _unreachable(self, cause: str) -> DeliveryError:
        return make_delivery_error(DeliveryError, self._failure(cause))

    def _unreadable(self, cause: str) -> UnreadableDelivery:
        return make_delivery_error(UnreadableDelivery, self._failure(cause))

    def _failure(self, cause: str) -> Statement:
        return Statement("delivery.plugin_failed", {"plugin": Text.of(self.word), "cause": Text.of(cause)})


@dataclass(frozen=True, slots=True)
class _GuardedDataset:
    """Calls the dataset of a plug-in; see `Dataset`."""

    word: str
    inner: Any
    columns: tuple[Column, ...]

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        return self._numbers(lambda: find_method(self.inner, "exclude")(keys, groupings))

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        return self._numbers(lambda: self.inner.profile(groupings, count_column))

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        found = guard_plugin_call(lambda: dict(self.inner.evaluate(entries, statements)), self._failure)
        if not all(isinstance(outcome, ExpectationOutcome | Unmeasured) for outcome in found.values()):
            raise self._failure("it returned no ExpectationOutcome for an expectation")
        return {name: quiet(found[name]) for name in entries if name in found}

    def _numbers(self, work: Any) -> dict[MetricKey, Measurement]:  # noqa: ANN401 - of another package
        found = guard_plugin_call(lambda: dict(work()), self._failure)
        names = {column.name for column in self.columns}  # `measure` guards the columns
        for key, value in found.items():
            if not isinstance(key, MetricKey) or not isinstance(value, int | float | Unmeasured):
                raise self._failure("it returned a count that is no measurement")
            column = key.name.removeprefix(_NULLS)
            if column not in names and looks_personal(column, longest=LONGEST_TEXT):
                raise self._failure("it returned a count whose name may be that of a person")
        return {key: quiet(value) for key, value in found.items()}

    def _failure(self, cause: str) -> EngineError:
        return EngineError(f"the engine {self.word} failed: {cause}")
