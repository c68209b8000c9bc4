"""Words of the surfaces: column heads, labels and short sentences, by key, in every language.

A key is `<surface or noun>.<what>`; `MessageFormatter.label` fills it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.findings.finding import Nature, State
from ketenwacht.domain.result import Evidence, Status

from .base import Texts
from .labels_cli import CLI_LABELS
from .labels_evidence import EVIDENCE_LABELS, INCIDENT_LABELS
from .labels_run import RUN_LABELS

STATUS_WORD: Mapping[Status, Texts] = {
    Status.PASSED: {"nl": "goed", "en": "passed"},
    Status.SKIPPED: {"nl": "overgeslagen", "en": "skipped"},
    Status.UNPROVEN: {"nl": "onbewezen", "en": "unproven"},
    Status.WARNED: {"nl": "aandacht", "en": "warned"},
    Status.FAILED: {"nl": "afgekeurd", "en": "failed"},
    Status.ERROR: {"nl": "geen oordeel", "en": "error"},
}
"""A verdict in one word; *failed* and *error* never look alike."""

STATUS_MEANING: Mapping[Status, Texts] = {
    Status.PASSED: {"nl": "beoordeeld en in orde", "en": "judged, and right"},
    Status.SKIPPED: {"nl": "niet beoordeeld, met reden", "en": "not judged, for a stated reason"},
    Status.UNPROVEN: {
        "nl": "niets spreekt het tegen en geen onafhankelijk bewijs dekt het",
        "en": "nothing contradicts it, and no independent evidence covers it",
    },
    Status.WARNED: {"nl": "vraagt aandacht", "en": "worth a look"},
    Status.FAILED: {"nl": "de gegevens zijn onjuist", "en": "the data is wrong"},
    Status.ERROR: {"nl": "kon niet worden beoordeeld", "en": "could not be judged"},
}
"""A verdict in a few words."""

EVIDENCE_WORD: Mapping[Evidence, Texts] = {
    Evidence.RECONCILIATION: {"nl": "vergelijking met het register", "en": "keyed reconciliation"},
    Evidence.CONTROL_TOTAL: {"nl": "controletotalen", "en": "control totals"},
    Evidence.REFERENCE: {"nl": "telling van buiten", "en": "outside reference"},
    Evidence.HISTORY: {"nl": "eigen historie", "en": "own history"},
    Evidence.INQUIRY: {"nl": "navragen", "en": "inquiries"},
    Evidence.CONTRACT: {"nl": "contract", "en": "contract"},
    Evidence.SCHEDULE: {"nl": "leverkalender", "en": "schedule"},
}
"""Each kind of evidence as a phrase that fits after "by" and "on"."""

NATURE_MEANING: Mapping[Nature, Texts] = {
    Nature.ERROR: {"nl": "kon niet worden beoordeeld", "en": "could not be judged"},
    Nature.FAILED: {"nl": "de gegevens zijn onjuist", "en": "the data is wrong"},
    Nature.WARNED: {"nl": "vraagt aandacht", "en": "worth a look"},
    Nature.PRIVACY: {
        "nl": "privacy: personen die er niet horen te zijn",
        "en": "privacy: persons who should not be there",
    },
}
"""What sort of problem an incident is, in a few words."""

STATE_WORD: Mapping[State, Texts] = {
    State.OPEN: {"nl": "open", "en": "open"},
    State.ACKNOWLEDGED: {"nl": "in behandeling", "en": "acknowledged"},
    State.RESOLVED: {"nl": "hersteld", "en": "resolved"},
    State.CLOSED: {"nl": "gesloten", "en": "closed"},
}
"""Where an incident is in its life, in one word."""

OUTCOME: Mapping[str, Texts] = {
    "known": {"nl": "bekend", "en": "known"},
    "should_have_been_sent": {"nl": "had moeten komen", "en": "should have been sent"},
    "not_obliged": {"nl": "niet plichtig", "en": "not obliged"},
    "open": {"nl": "open", "en": "open"},
}
"""What came of an inquiry."""

UNIT: Mapping[str, Texts] = {
    "hours": {"nl": "uur", "en": "hours"},
    "days": {"nl": "dagen", "en": "days"},
    "deliveries": {"nl": "leveringen", "en": "deliveries"},
    "columns": {"nl": "kolommen", "en": "columns"},
    "categories": {"nl": "categorieën", "en": "categories"},
}
"""Units of numbers that count no persons; one that is not here is shown as the check names it."""

LABELS: Mapping[str, Texts] = {**RUN_LABELS, **INCIDENT_LABELS, **EVIDENCE_LABELS, **CLI_LABELS}
"""Labels and short sentences, by key."""
