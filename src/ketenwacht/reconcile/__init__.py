"""Keyed reconciliation: the sender's register against everything delivered, both directions, by pseudonyms."""

from .compare import Terms, reconcile
from .delivered import DeliveredKeys
from .digest import (
    BucketDifference,
    BucketDigest,
    DigestPersons,
    delivered_persons,
    differences,
    digest,
    registered_persons,
    write_members,
)
from .keys import Keys
from .lists import look_up, write_extra, write_missing
from .outcome import Ages, ReconciliationOutcome
from .register import Pseudonymised, RegisterFile, pseudonymise
from .survey import KeyColumns
from .tables import Resources

__all__ = [
    "Ages",
    "BucketDifference",
    "BucketDigest",
    "DeliveredKeys",
    "DigestPersons",
    "KeyColumns",
    "Keys",
    "Pseudonymised",
    "ReconciliationOutcome",
    "RegisterFile",
    "Resources",
    "Terms",
    "delivered_persons",
    "differences",
    "digest",
    "look_up",
    "pseudonymise",
    "reconcile",
    "registered_persons",
    "write_extra",
    "write_members",
    "write_missing",
]
