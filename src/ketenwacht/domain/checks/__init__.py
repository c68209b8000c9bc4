"""The kinds of check over the stream of deliveries. A new kind is one file here and one line below."""

from __future__ import annotations

from .base import Check
from .completeness import CompletenessCheck
from .contract import ContractCheck
from .evidence import EvidenceCheck
from .schedule import ScheduleCheck
from .schema import SchemaCheck

KINDS: tuple[type[Check], ...] = (
    ScheduleCheck,
    SchemaCheck,
    ContractCheck,
    CompletenessCheck,
    EvidenceCheck,
)
"""In the order in which a person would look."""
