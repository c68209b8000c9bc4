"""The history: the only place that talks to its database."""

from .database import check_url
from .history import History
from .leader_lock import LeaderLock, leader_lock_of
from .provenance import EvidenceWatermarks, VerdictProvenance

__all__ = ["EvidenceWatermarks", "History", "LeaderLock", "VerdictProvenance", "check_url", "leader_lock_of"]
