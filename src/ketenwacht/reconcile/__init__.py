"""Keyed reconciliation: compare the sender's register with all deliveries by pseudonym, in both directions."""

from .compare import Ages, ReconciliationOutcome, ReconciliationTerms, reconcile
from .delivered import DeliveredKeys
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
    "DeliveredKeys",
    "DigestPersons",
    "KeyColumns",
    "Keys",
    "PseudonymisedFile",
    "ReconciliationOutcome",
    "ReconciliationTerms",
    "RegisterFile",
    "Resources",
    "compare_digests",
    "digest",
    "load_delivered_persons",
    "look_up",
    "open_registered_persons",
    "pseudonymise",
    "reconcile",
    "write_extra",
    "write_members",
    "write_missing",
]
