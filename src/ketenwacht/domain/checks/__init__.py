"""The kinds of check over the stream of deliveries. A new kind is one file here and one line below."""

from __future__ import annotations

from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.result import Evidence

from .acknowledgement import AcknowledgementCheck
from .base import Check
from .canary import CanaryCheck
from .completeness import CompletenessCheck
from .conservation import ConservationCheck
from .contract import ContractCheck
from .control_total import ControlTotalCheck
from .coverage import CoverageCheck
from .drift import DriftCheck
from .evidence import EvidenceCheck
from .inquiries import InquiriesCheck
from .ledger import LedgerCheck
from .ratio import RatioCheck
from .reconciliation import ReconciliationCheck
from .reference import ReferenceCheck
from .schedule import ScheduleCheck
from .schema import SchemaCheck
from .undercoverage import UndercoverageCheck
from .vanished import VanishedCheck
from .volume import VolumeCheck

KINDS: tuple[type[Check], ...] = (
    ScheduleCheck,
    LedgerCheck,
    SchemaCheck,
    ContractCheck,
    CompletenessCheck,
    DriftCheck,
    CoverageCheck,
    CanaryCheck,
    VanishedCheck,
    ControlTotalCheck,
    ConservationCheck,
    AcknowledgementCheck,
    ReconciliationCheck,
    ReferenceCheck,
    UndercoverageCheck,
    VolumeCheck,
    RatioCheck,
    InquiriesCheck,
    EvidenceCheck,
)
"""In the order in which a person would look: is it there, is it right, is it all, and who says so."""


def kind_by(evidence: Evidence) -> type[Check]:
    """Return the first kind that judges by this evidence."""
    return next(kind for kind in KINDS if traits_of(kind).evidence is evidence)
