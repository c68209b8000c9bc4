"""Incidents: findings about the same thing, grouped, with one number of missing persons each."""

from .assembly import assemble, assemble_all, assemble_findings, common_segment, count_feed, count_live
from .grouping import Grouping, group_incidents
from .incident import (
    AlsoSays,
    CandidateCause,
    Cause,
    CauseSearch,
    Incident,
    IncidentNature,
    IncidentState,
    KnownIncident,
    KnownIncidents,
    Membership,
    MissingPart,
    MissingPersons,
)
from .missing import KnownOnset, attribute, count_missing, share_persons
from .natures import is_proof, nature_of

__all__ = [
    "AlsoSays",
    "CandidateCause",
    "Cause",
    "CauseSearch",
    "Grouping",
    "Incident",
    "IncidentNature",
    "IncidentState",
    "KnownIncident",
    "KnownIncidents",
    "KnownOnset",
    "Membership",
    "MissingPart",
    "MissingPersons",
    "assemble",
    "assemble_all",
    "assemble_findings",
    "attribute",
    "common_segment",
    "count_feed",
    "count_live",
    "count_missing",
    "group_incidents",
    "is_proof",
    "nature_of",
    "share_persons",
]
