"""The history: the only place that talks to its database."""

from .database import check_url
from .history import History, UnitOfWork
from .leases import LEADER, LeaderLock, LeaseHolder, build_leader_lock
from .runs import EvidenceWatermarks, VerdictProvenance

__all__ = [
    "LEADER",
    "EvidenceWatermarks",
    "History",
    "LeaderLock",
    "LeaseHolder",
    "UnitOfWork",
    "VerdictProvenance",
    "build_leader_lock",
    "check_url",
]
