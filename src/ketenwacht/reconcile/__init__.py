"""Keyed reconciliation: compare the sender's register with all deliveries by pseudonym, in both directions."""

from .compare import (
    Ages,
    CubeCell,
    ReconciliationOutcome,
    ReconciliationTerms,
    RegisterCounts,
    reconcile,
    summarise_counted,
)
from .delivered import DeliveredKeys, rank_entries
from .digest import (
    BucketDifference,
    BucketDigest,
    BucketName,
    DigestPersons,
    compare_digests,
    digest,
    load_delivered_persons,
    open_registered_persons,
    write_members,
)
from .keys import Keys
from .lists import look_up, write_extra, write_missing
from .register import PseudonymisedFile, RegisterFile, pseudonymise
from .survey import KeyColumns
from .tables import Resources

__all__ = [
    "Ages",
    "BucketDifference",
    "BucketDigest",
    "BucketName",
    "CubeCell",
    "DeliveredKeys",
    "DigestPersons",
    "KeyColumns",
    "Keys",
    "PseudonymisedFile",
    "ReconciliationOutcome",
    "ReconciliationTerms",
    "RegisterCounts",
    "RegisterFile",
    "Resources",
    "compare_digests",
    "digest",
    "load_delivered_persons",
    "look_up",
    "open_registered_persons",
    "pseudonymise",
    "rank_entries",
    "reconcile",
    "summarise_counted",
    "write_extra",
    "write_members",
    "write_missing",
]
