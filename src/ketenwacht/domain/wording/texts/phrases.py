"""Everything else that a message, a form or a digest says, by name."""

from __future__ import annotations

from .base import Texts

PHRASE: dict[str, Texts] = {
    "headline": {
        "nl": "{title}, levering van {period}: {worst}, ernst {severity}",
        "en": "{title}, delivery of {period}: {worst}, severity {severity}",
    },
    "headline_recovered": {
        "nl": "{title}, levering van {period}: alles hersteld",
        "en": "{title}, delivery of {period}: all recovered",
    },
    "change": {"nl": "{day}: {change}", "en": "{day}: {change}"},
    "before": {"nl": " Eerder gemeld: {count}.", "en": " Told before: {count}."},
    "was": {"nl": "Was: {what}", "en": "It was: {what}"},
    "about": {"nl": "ongeveer {count}", "en": "about {count}"},
    "interval": {"nl": " (tussen {low} en {high})", "en": " (between {low} and {high})"},
    "one_more": {"nl": "{worst} en nog 1 probleem", "en": "{worst} and 1 more problem"},
    "many_more": {"nl": "{worst} en nog {count} problemen", "en": "{worst} and {count} more problems"},
    "one_problem": {"nl": "1 probleem", "en": "1 problem"},
    "problems": {"nl": "{count} problemen", "en": "{count} problems"},
    "more": {"nl": "En nog {count} andere problemen.", "en": "And {count} other problems."},
    "empty": {"nl": "(leeg)", "en": "(empty)"},
    "whole": {"nl": "de hele stroom", "en": "the whole feed"},
    "children": {"nl": "waarvan {children}", "en": "of which {children}"},
    "also": {"nl": "Dit blijkt ook uit: {evidence}.", "en": "This also shows in: {evidence}."},
    "and_more": {"nl": "en nog {count}", "en": "and {count} more"},
    "check_says": {
        "nl": "De controle meldt, in het Engels: {summary}",
        "en": "The check says: {summary}",
    },
    "no_evidence": {
        "nl": "Geen, want er kon niet worden gekeken.",
        "en": "None, since nothing could be looked at.",
    },
    "owner": {"nl": "In behandeling bij {owner}.", "en": "Looked after by {owner}."},
    "snoozed": {"nl": "stil tot {until}", "en": "snoozed until {until}"},
    "contact": {"nl": "{name} ({contact})", "en": "{name} ({contact})"},
    "runbook": {"nl": "Draaiboek: {runbook}", "en": "Runbook: {runbook}"},
    "what": {"nl": "Wat", "en": "What"},
    "where": {"nl": "Waar", "en": "Where"},
    "evidence": {"nl": "Bewijs", "en": "Evidence"},
    "meaning": {"nl": "Betekenis", "en": "Meaning"},
    "action": {"nl": "Te doen", "en": "To do"},
    "look": {"nl": "Verder kijken", "en": "Look further"},
    "digest_good": {"nl": "Alles goed op {day}", "en": "All is well on {day}"},
    "digest_open": {"nl": "{problems} open op {day}", "en": "{problems} open on {day}"},
    "digest_unproven": {
        "nl": "Geen problemen op {day}, maar niet alles is bewezen",
        "en": "No problems on {day}, but not everything is proven",
    },
    "digest_silent": {"nl": "Niets beoordeeld op {day}", "en": "Nothing was judged on {day}"},
    "digest_feed": {
        "nl": "{title}: {status}; {deliveries} beoordeeld, {open} open.",
        "en": "{title}: {status}; {deliveries} judged, {open} open.",
    },
    "digest_missing": {
        "nl": "{title}: naar schatting {count} personen ontbreken.",
        "en": "{title}: an estimated {count} persons are missing.",
    },
    "digest_not_proven": {"nl": "{title}, onbewezen: {segments}.", "en": "{title}, unproven: {segments}."},
    "digest_budget": {
        "nl": "Meldingen in zeven dagen: {used}; afgesproken is ten hoogste {budget}.",
        "en": "Alerts in seven days: {used}; agreed is at most {budget}.",
    },
    "digest_head": {"nl": "Kop van het logboek: {head}", "en": "Head of the audit log: {head}"},
    "picture": {"nl": "Geleverd en verwacht: {segment}", "en": "Delivered and expected: {segment}"},
    "picture_text": {
        "nl": "Het aantal geleverde personen in de tijd ({segment}), met een band van wat werd verwacht.",
        "en": "The number of persons delivered over time ({segment}), with a band of what was expected.",
    },
    "picture_weekly": {"nl": "geleverd per week", "en": "delivered a week"},
    "picture_daily": {"nl": "geleverd per levering", "en": "delivered each time"},
    "picture_expected": {"nl": "verwacht", "en": "expected"},
    "picture_since": {"nl": "tekort sinds {day}", "en": "missing since {day}"},
    "test": {"nl": "Proefbericht van ketenwacht", "en": "Test message from ketenwacht"},
    "test_line": {
        "nl": "Als u dit leest, werkt route '{route}'. U hoeft niets te doen.",
        "en": "If you read this, route '{route}' works. Nothing has to be done.",
    },
    "acknowledge": {"nl": "Neem in behandeling", "en": "Acknowledge"},
    "snooze": {"nl": "Stil …", "en": "Snooze …"},
    "why": {"nl": "Waarom?", "en": "Why?"},
    "snooze_title": {"nl": "Stilte vragen", "en": "Snooze"},
    "snooze_reason": {"nl": "Reden", "en": "Reason"},
    "snooze_until": {"nl": "Tot en met", "en": "Until (inclusive)"},
    "submit": {"nl": "Vastleggen", "en": "Save"},
    "cancel": {"nl": "Annuleren", "en": "Cancel"},
    "done": {"nl": "Vastgelegd.", "en": "Done."},
    "done_before": {"nl": "Dat was al vastgelegd.", "en": "That was done before."},
    "refused": {
        "nl": "Dit mag alleen wie daarvoor is aangewezen.",
        "en": "Only those who are named for it may do this.",
    },
    "cannot": {"nl": "Dat kan nu niet: {why}", "en": "That cannot be done now: {why}"},
}
