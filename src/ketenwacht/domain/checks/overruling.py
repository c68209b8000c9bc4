"""Let stronger evidence overrule weaker: a register that misses nobody overrules an estimate of missing persons.

A reference or own history estimates; a register counts persons. A clean register says that everybody arrived
who was decided two weeks before its date or earlier. So a shortfall that began earlier, in a segment that the
register covers, did not happen. One that began later stands: only a later register covers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Codes, Statement

CODES: Codes = {"evidence.overruled": {"register": date, "said": Statement}}
"""Codes of a result that a register overrules; see `statement.Codes`."""

_SETTLED = timedelta(days=14)
"""A register does not count who was decided so shortly before its date: they may still arrive."""
_WEAKER = frozenset({Evidence.REFERENCE, Evidence.HISTORY, Evidence.INQUIRY})
_NOBODY_MISSING, _NOBODY_EXTRA = "reconciliation.complete", "reconciliation.no_extra"
_ASKED = "inquiries.surge"  # more questions than usual, which count nobody


def overrule(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the results of one delivery, those passed that a clean register of the same run overrules.

    An overruled result says what it said, and which register overrules it; it estimates nobody any more.
    """
    proofs = tuple(proof for name in _current(results) for proof in _find_proofs(results, name))
    return tuple(_overrule_result(result, proofs) for result in results) if proofs else tuple(results)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a register proves: that nobody is missing (`few`), or nobody too many, of these segments."""

    register: date
    few: bool
    segments: frozenset[Segment]

    def covers(self, segment: Segment) -> bool:
        """Return whether every person of a segment is in one of the segments."""
        return any(one.contains(segment) for one in self.segments)


def _current(results: Sequence[CheckResult]) -> tuple[str, ...]:
    """Return the names of the reconciliations whose register is recent enough to be about now."""
    return tuple(r.check.removesuffix(".age") for r in results if r.code == "reconciliation.compared")


def _find_proofs(results: Sequence[CheckResult], name: str) -> tuple[_Proof, ...]:
    return tuple(
        _Proof(register, few, _find_clean(own, code))
        for part, code, few in (("missing", _NOBODY_MISSING, True), ("extra", _NOBODY_EXTRA, False))
        if (own := [r for r in results if r.check == f"{name}.{part}"])
        and isinstance(register := own[0].params.get("register"), date)
    )


def _find_clean(own: Sequence[CheckResult], code: str) -> frozenset[Segment]:
    """Return the clean segments, and the whole feed when all of them are."""
    clean = {r.segment for r in own if r.code == code}
    return frozenset({WHOLE, *clean} if len(clean) == len({r.segment for r in own}) else clean)


def _overrule_result(result: CheckResult, proofs: Sequence[_Proof]) -> CheckResult:
    if result.evidence not in _WEAKER or result.status not in {Status.WARNED, Status.FAILED}:
        return result
    since = _since(result)
    if since is None:
        return result
    few = result.missing is None or result.missing.value >= 0.0
    for proof in proofs:
        if proof.few is few and proof.covers(result.segment) and since <= proof.register - _SETTLED:
            params: Mapping[str, date | Statement] = {"register": proof.register, "said": result.said}
            return replace(
                result, status=Status.PASSED, code="evidence.overruled", params=params, missing=None, impact=None
            )
    return result


def _since(result: CheckResult) -> date | None:
    """Return since when a result says that persons are missing or too many; None when it says neither."""
    if result.missing is not None:
        return result.missing.since
    week = result.params.get("week")
    return week if result.code == _ASKED and isinstance(week, date) else None
