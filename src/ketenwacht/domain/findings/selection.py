"""Which results of a run count for incidents: one a fingerprint, and only those that can be trusted now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.finding import Fingerprint
from ketenwacht.domain.policy import DELIVERY_CHECK
from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Codes, Statement
from ketenwacht.domain.status import Status

CODES: Codes = {"delivery.not_judged": {"problem": Statement}}
"""What is said of a delivery itself; see `statement.Codes`."""


def heard(
    results: Sequence[CheckResult], delivery: Delivery, live: Collection[Fingerprint]
) -> tuple[dict[Fingerprint, CheckResult], frozenset[Fingerprint]]:
    """The worst result a fingerprint, and which of these fingerprints count.

    Of a delivery that could not be read only results about the delivery itself count: evidence `schedule`, or
    the error of reading it. Where a run has none, one is added, so that somebody always hears.
    """
    found = _worst(_with_delivery_result(results, delivery, live), delivery.feed)
    if delivery.read:
        return found, frozenset(found)
    return found, frozenset(key for key, result in found.items() if _about_delivery(result))


def _about_delivery(result: CheckResult) -> bool:
    return result.evidence is Evidence.SCHEDULE or result.check == DELIVERY_CHECK


def _with_delivery_result(
    results: Sequence[CheckResult], delivery: Delivery, live: Collection[Fingerprint]
) -> tuple[CheckResult, ...]:
    if any(result.check == DELIVERY_CHECK for result in results):
        return tuple(results)
    if delivery.read:
        needed = Fingerprint(delivery.feed, DELIVERY_CHECK, WHOLE) in live
        said = CheckResult(DELIVERY_CHECK, Status.PASSED, Evidence.CONTRACT, code="delivery.readable")
    else:
        needed = not any(_about_delivery(result) and result.status >= Status.FAILED for result in results)
        why = {"problem": delivery.why}
        said = CheckResult(DELIVERY_CHECK, Status.ERROR, Evidence.CONTRACT, code="delivery.not_judged", params=why)
    return (*results, said) if needed else tuple(results)


def _worst(results: Sequence[CheckResult], feed: str) -> dict[Fingerprint, CheckResult]:
    found: dict[Fingerprint, CheckResult] = {}
    for result in results:
        fingerprint = Fingerprint(feed, result.check, result.segment)
        kept = found.get(fingerprint)
        if kept is None or _badness(result) > _badness(kept):
            found[fingerprint] = result
    return found


def _badness(result: CheckResult) -> tuple[Status, float]:
    return result.status, abs(result.missing.value) if result.missing is not None else 0.0


def delivery_key(delivery: Delivery) -> str:
    """What makes two deliveries the same one: its id and its bytes."""
    return f"{delivery.id}@{delivery.sha256 or delivery.presence.value}"


def by_fingerprint(results: Mapping[Fingerprint, CheckResult]) -> list[tuple[Fingerprint, CheckResult]]:
    """The results in order of fingerprint."""
    return sorted(results.items(), key=lambda pair: pair[0])
