"""Keyed reconciliation: the sender's register against everything delivered, both directions, by pseudonyms."""

from .compare import Terms, reconcile
from .delivered import DeliveredKeys
from .keys import Keys
from .lists import write_extra, write_missing
from .outcome import Ages, ReconciliationOutcome, shown
from .register import RegisterFile
from .sender import Pseudonymised, pseudonymise
from .survey import KeyColumns
from .tables import Resources

__all__ = [
    "Ages",
    "DeliveredKeys",
    "KeyColumns",
    "Keys",
    "Pseudonymised",
    "ReconciliationOutcome",
    "RegisterFile",
    "Resources",
    "Terms",
    "pseudonymise",
    "reconcile",
    "shown",
    "write_extra",
    "write_missing",
]
