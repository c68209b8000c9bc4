"""What ends a finding: one rule for every code that can open one.

Silence ends nothing. A person can resolve each finding by hand; a declared pause ends those of its due moments.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Ending(Enum):
    """What ends a finding by itself."""

    NEXT_DELIVERY = "next delivery"
    """The next delivery that can be judged by the same check passes."""
    ITS_DELIVERY = "its delivery"
    """The delivery of its own due moment comes and can be read; another one changes nothing."""
    EVERY_NUMBER = "every number"
    """Every delivery number that was skipped comes, or is explained in the checks file."""
    SEEN_AGAIN = "seen again"
    """The category comes again, as what it should be, or its absence is explained."""
    COUNTS_BACK = "counts back"
    """The counts of later deliveries take the evidence away, or a register overrules it."""
    ACCOUNT_EVEN = "account even"
    """Later counts make the account even, or a reason explains the rest."""
    NEWER_EVIDENCE = "newer evidence"
    """Newer evidence of the same kind shows nothing wrong; a weaker kind never ends it."""


ENDINGS: Mapping[str, Ending] = {
    "schedule.missing": Ending.ITS_DELIVERY,
    "schedule.unreadable": Ending.ITS_DELIVERY,
    "schedule.empty": Ending.ITS_DELIVERY,
    "delivery.not_judged": Ending.ITS_DELIVERY,
    "ledger.gap": Ending.EVERY_NUMBER,
    "ledger.out_of_order": Ending.NEXT_DELIVERY,
    "ledger.duplicate": Ending.NEXT_DELIVERY,
    "ledger.replay": Ending.NEXT_DELIVERY,
    "ledger.conflict": Ending.NEXT_DELIVERY,
    "ledger.restarted": Ending.NEXT_DELIVERY,
    "ledger.excluded_unusual": Ending.NEXT_DELIVERY,
    "schema.different": Ending.NEXT_DELIVERY,
    "contract.not_met": Ending.NEXT_DELIVERY,
    "contract.not_met_rows": Ending.NEXT_DELIVERY,
    "contract.no_columns": Ending.NEXT_DELIVERY,
    "contract.not_evaluated": Ending.NEXT_DELIVERY,
    "completeness.too_empty": Ending.NEXT_DELIVERY,
    "completeness.placeholders": Ending.NEXT_DELIVERY,
    "completeness.not_measured": Ending.NEXT_DELIVERY,
    "drift.emptier": Ending.COUNTS_BACK,
    "drift.question": Ending.COUNTS_BACK,
    "coverage.never_seen": Ending.SEEN_AGAIN,
    "coverage.not_seen_since": Ending.SEEN_AGAIN,
    "coverage.file_not_read": Ending.NEXT_DELIVERY,
    "canary.late": Ending.SEEN_AGAIN,
    "canary.overdue": Ending.SEEN_AGAIN,
    "canary.other_category": Ending.SEEN_AGAIN,
    "vanished.gone": Ending.SEEN_AGAIN,
    "control_total.lost": Ending.NEXT_DELIVERY,
    "control_total.extra": Ending.NEXT_DELIVERY,
    "control_total.changed": Ending.NEXT_DELIVERY,
    "control_total.not_sent": Ending.ACCOUNT_EVEN,
    "control_total.keeps_coming": Ending.ACCOUNT_EVEN,
    "control_total.not_selected": Ending.ACCOUNT_EVEN,
    "conservation.unexplained": Ending.ACCOUNT_EVEN,
    "conservation.surplus": Ending.ACCOUNT_EVEN,
    "conservation.old": Ending.NEWER_EVIDENCE,
    "acknowledgement.overdue": Ending.NEWER_EVIDENCE,
    "acknowledgement.rejected": Ending.NEWER_EVIDENCE,
    "acknowledgement.counts_differ": Ending.NEWER_EVIDENCE,
    "acknowledgement.content_differs": Ending.NEWER_EVIDENCE,
    "undercoverage.old": Ending.NEWER_EVIDENCE,
    "undercoverage.some": Ending.NEWER_EVIDENCE,
    "reconciliation.not_compared": Ending.NEWER_EVIDENCE,
    "reconciliation.not_compared_whole": Ending.NEWER_EVIDENCE,
    "reconciliation.old": Ending.NEWER_EVIDENCE,
    "reconciliation.missing": Ending.NEWER_EVIDENCE,
    "reconciliation.missing_undated": Ending.NEWER_EVIDENCE,
    "reconciliation.late": Ending.NEWER_EVIDENCE,
    "reconciliation.extra": Ending.NEWER_EVIDENCE,
    "reconciliation.different": Ending.NEWER_EVIDENCE,
    "reference.shortfall": Ending.COUNTS_BACK,
    "reference.surplus": Ending.COUNTS_BACK,
    "reference.shortfall_by_decision": Ending.COUNTS_BACK,
    "reference.surplus_by_decision": Ending.COUNTS_BACK,
    "volume.absurd": Ending.COUNTS_BACK,
    "volume.deeper": Ending.COUNTS_BACK,
    "volume.shift": Ending.COUNTS_BACK,
    "volume.shortfall": Ending.COUNTS_BACK,
    "volume.surplus": Ending.COUNTS_BACK,
    "ratio.absurd": Ending.COUNTS_BACK,
    "ratio.deeper": Ending.COUNTS_BACK,
    "ratio.shift": Ending.COUNTS_BACK,
    "ratio.shortfall": Ending.COUNTS_BACK,
    "ratio.surplus": Ending.COUNTS_BACK,
    "inquiries.misses": Ending.COUNTS_BACK,
    "inquiries.surge": Ending.COUNTS_BACK,
    "plugin.failed": Ending.NEXT_DELIVERY,
    "plugin.no_judgement": Ending.NEXT_DELIVERY,
    "plugin.undeclared": Ending.NEXT_DELIVERY,
}
"""Code of a result that opens a finding → what ends it. Codes that are not here open none."""
