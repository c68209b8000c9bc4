"""Words of the surfaces: column heads, labels and short sentences, by key, in every language.

A key is `<surface or noun>.<what>`; `MessageFormatter.label` fills it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.incident import Nature, State
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.status import Status

from .base import Texts

STATUS_WORD: Mapping[Status, Texts] = {
    Status.PASSED: {"nl": "goed", "en": "passed"},
    Status.SKIPPED: {"nl": "overgeslagen", "en": "skipped"},
    Status.UNPROVEN: {"nl": "onbewezen", "en": "unproven"},
    Status.WARNED: {"nl": "aandacht", "en": "warned"},
    Status.FAILED: {"nl": "afgekeurd", "en": "failed"},
    Status.ERROR: {"nl": "fout", "en": "error"},
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

UNIT: Mapping[str, Texts] = {
    "hours": {"nl": "uur", "en": "hours"},
    "days": {"nl": "dagen", "en": "days"},
    "deliveries": {"nl": "leveringen", "en": "deliveries"},
    "columns": {"nl": "kolommen", "en": "columns"},
    "categories": {"nl": "categorieën", "en": "categories"},
}
"""Units of numbers that count no persons; one that is not here is shown as the check names it."""

LABELS: Mapping[str, Texts] = {
    "run.delivery": {"nl": "levering {delivery}", "en": "delivery {delivery}"},
    "run.no_delivery": {"nl": "geen levering", "en": "no delivery"},
    "expected.at_most": {"nl": "ten hoogste {limit}", "en": "at most {limit}"},
    "expected.at_least": {"nl": "ten minste {limit}", "en": "at least {limit}"},
    "missing.too_many": {"nl": "{amount} te veel", "en": "{amount} too many"},
    "missing.since": {"nl": "{amount} ontbreken sinds {since}", "en": "{amount} missing since {since}"},
    "missing.too_many_since": {
        "nl": "{amount} te veel sinds {since}",
        "en": "{amount} too many since {since}",
    },
    "missing.in_range": {"nl": "{sentence} ({range})", "en": "{sentence} ({range})"},
    "missing.week": {"nl": "de week van {day}", "en": "the week of {day}"},
    "finding.days": {"nl": "{days:dag|dagen}", "en": "{days:day|days}"},
    "finding.about_days": {"nl": "ongeveer {days:dag|dagen}", "en": "about {days:day|days}"},
    "impact.none_many": {
        "nl": "in geen ervan zoveel als {limit}",
        "en": "in none of them as many as {limit}",
    },
    "impact.most": {"nl": "de meeste in {parts:, }", "en": "most in {parts:, }"},
    "impact.parts": {
        "nl": "ontbreken in {count:deel|delen} naar {by: en }; {most}",
        "en": "missing in {count:part|parts} by {by: and }; {most}",
    },
    "impact.term": {"nl": "{name} ({days:dag|dagen}): {stands}", "en": "{name} ({days:day|days}): {stands}"},
    "impact.passed": {"nl": "verstreken voor {count}", "en": "passed for {count}"},
    "impact.soon": {"nl": "eindigt binnen vier weken voor {count}", "en": "ends within four weeks for {count}"},
    "impact.waiting": {"nl": "begint bij levering voor {count}", "en": "begins on delivery for {count}"},
    "impact.overdue": {
        "nl": "was bij tijdige levering verstreken voor {count}",
        "en": "delivered in time it would have passed for {count}",
    },
    "impact.no_risk": {"nl": "nog geen risico", "en": "not at risk yet"},
    "yardstick.nobody": {
        "nl": "Niemand bleek te ontbreken, niet door ons en niet door een navraag.",
        "en": "Nobody was found missing, by us or by an inquiry.",
    },
    "yardstick.found": {
        "nl": "{by_us} personen gevonden voordat iemand ernaar vroeg, {by_inquiry} het eerst door een navraag.",
        "en": "{by_us} persons found before anybody asked, {by_inquiry} first found by an inquiry.",
    },
}
"""Labels and short sentences, by key."""
