"""The history: the only place that talks to its database."""

from .database import check_url
from .history import History, UnitOfWork
from .leases import LeaderLock, build_leader_lock
from .runs import EvidenceWatermarks, VerdictProvenance

__all__ = [
    "EvidenceWatermarks",
    "History",
    "LeaderLock",
    "UnitOfWork",
    "VerdictProvenance",
    "build_leader_lock",
    "check_url",
]
