"""Texts about a feed's own history: baselines, backtests and what would go unseen, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from ketenwacht.domain.findings.finding import Reason, Severity, State

from .base import Texts

BASELINES: Mapping[str, Texts] = {
    "baseline.proposed": {
        "nl": "Voorgesteld door {who} op {day}: {why}.",
        "en": "Proposed by {who} on {day}: {why}.",
    },
    "baseline.approved_by": {
        "nl": "Goedgekeurd door {who} op {day}: {why}.",
        "en": "Approved by {who} on {day}: {why}.",
    },
    "baseline.state_proposed": {"nl": "voorgesteld", "en": "proposed"},
    "baseline.state_approved": {"nl": "goedgekeurd", "en": "approved"},
    "baseline.state_pinned": {"nl": "vastgezet", "en": "pinned"},
    "baseline.state_outdated": {"nl": "verouderd", "en": "outdated"},
    "baseline.in_use": {"nl": "{state}, in gebruik", "en": "{state}, in use"},
    "baseline.alarm_at": {"nl": "alarm bij {nats}", "en": "alarm at {nats}"},
    "baseline.cost": {
        "nl": "speling {slack}, alarm bij {nats} nats; {a_year} valse alarmen per jaar, ten hoogste {at_most} "
        "(95%)",
        "en": "slack {slack}, alarms at {nats} nats; {a_year} false alarms a year, at most {at_most} (95%)",
    },
    "baseline.lived": {
        "nl": "{count:incident liep|incidenten liepen} in die periode over ontbrekende personen: wat niet is "
        "vastgelegd, telt als normaal.",
        "en": "{count:incident|incidents} about missing persons lived in that stretch: what was not declared "
        "is learnt as normal.",
    },
    "baseline.learnt": {
        "nl": "Geleerd van {deliveries:levering|leveringen}, {span}; {masked:dag|dagen} daarvan vastgelegd en "
        "weggelaten.",
        "en": "Learnt from {deliveries:delivery|deliveries}, {span}; {masked:day|days} of them declared and "
        "left out.",
    },
    "baseline.learnt_replayed": {
        "nl": "Geleerd van {deliveries:levering|leveringen}, {span}, zoals nagespeeld; {masked:dag|dagen} "
        "daarvan vastgelegd en weggelaten.",
        "en": "Learnt from {deliveries:delivery|deliveries}, {span}, as replayed; {masked:day|days} of them "
        "declared and left out.",
    },
    "baseline.blind": {
        "nl": "Een niveau dat {slack} schommelt, telt als normaal: kleinere tekorten ziet de eigen historie niet.",
        "en": "A level that wanders by {slack} counts as normal: below such losses own history is blind.",
    },
    "baseline.counted": {
        "nl": "De kosten zijn geteld in {runs} nagebootste reeksen (startgetal {seed}, verloop {drift} per week), "
        "samen {years} jaar.",
        "en": "The cost is counted in {runs} histories drawn like it (seed {seed}, drift {drift} a week), "
        "{years} years in all.",
    },
    "baseline.evidence": {
        "nl": "Bewijs in {span}: ten hoogste {nats} nats, {where} de drempel.",
        "en": "Evidence in {span}: at most {nats} nats, {where} the threshold.",
    },
    "baseline.evidence_peak": {
        "nl": "Bewijs in {span}: ten hoogste {nats} nats, in de week vanaf {week}, {where} de drempel.",
        "en": "Evidence in {span}: at most {nats} nats, in the week from {week}, {where} the threshold.",
    },
    "baseline.short_cost": {
        "nl": "speling {slack}, {nats} nats, {a_year} valse alarmen per jaar",
        "en": "slack {slack}, {nats} nats, {a_year} false alarms a year",
    },
    "baseline.line": {
        "nl": "{check} {version} ({state}): {cost}; {who}, {day}: {why}",
        "en": "{check} {version} ({state}): {cost}; {who}, {day}: {why}",
    },
    "baseline.evidence_by_week": {
        "nl": "hoogste {nats} nats, {where} de drempel",
        "en": "highest {nats} nats, {where} the threshold",
    },
    "baseline.path": {
        "nl": "bewijs van die historie, per week: {line} {highest}",
        "en": "evidence of that history, by week: {line} {highest}",
    },
    "baseline.merged": {
        "nl": "{segment} en {count:klein deel|kleine delen}",
        "en": "{segment} and {count:small part|small parts}",
    },
    "baseline.part": {
        "nl": "{segment}: {mean} personen per levering, k {size}",
        "en": "{segment}: {mean} persons a delivery, k {size}",
    },
    "baseline.threshold": {"nl": "drempel", "en": "threshold"},
    "baseline.a_year": {"nl": "per jaar", "en": "a year"},
    "baseline.false_alarms": {"nl": "valse alarmen", "en": "false alarms"},
    "baseline.about_here": {"nl": "ongeveer hier", "en": "about here"},
    "baseline.none_yet": {
        "nl": "{feed}: er is nog geen basislijn voorgesteld; maak er een met `ketenwacht baseline propose`",
        "en": "{feed}: no baseline is proposed yet; make one with `ketenwacht baseline propose`",
    },
    "baseline.above": {"nl": "boven", "en": "above"},
    "baseline.below": {"nl": "onder", "en": "below"},
}
"""What a feed's own history is held to, and what it cannot see."""

AUDIT: Mapping[str, Texts] = {
    "audit.title": {
        "nl": "Wat ongezien zou blijven: het kleinste tekort dat binnen 30 / 90 / 365 dagen wordt gezien",
        "en": "What would go unseen: the smallest loss seen within 30 / 90 / 365 days",
    },
    "audit.reference": {"nl": "Telling", "en": "Reference"},
    "audit.keys": {"nl": "Register", "en": "Reconciliation"},
    "audit.blind_under": {
        "nl": "{segment}: een tekort onder {blind} ziet de eigen historie niet binnen een jaar; een van "
        "{loss}: {rest}",
        "en": "{segment}: own history does not see a loss under {blind} within a year; one of {loss}: {rest}",
    },
    "audit.sees_nothing": {
        "nl": "{segment}: de eigen historie ziet binnen een jaar geen tekort, hoe groot ook; een van {loss}: "
        "{rest}",
        "en": "{segment}: own history sees no loss within a year, however large; one of {loss}: {rest}",
    },
    "audit.by_volume": {
        "nl": "door de eigen historie binnen {days:dag|dagen} na het begin",
        "en": "by own history within {days:day|days} once it begins",
    },
    "audit.not_by_volume": {"nl": "niet door de eigen historie", "en": "not by own history"},
    "audit.by_reference": {
        "nl": "vanaf de eerste dag door een telling die tot op {known} of beter bekend is",
        "en": "from day one by a reference known to {known} or better",
    },
    "audit.no_reference": {"nl": "door geen enkele telling", "en": "by no reference"},
    "audit.by_keys": {
        "nl": "door het register in ongeveer {days:dag|dagen}",
        "en": "by reconciliation in about {days:day|days}",
    },
    "audit.name_by_name": {
        "nl": "door het register alleen naam voor naam",
        "en": "by reconciliation only name by name",
    },
    "audit.together": {
        "nl": "{check}: {count:deel is|delen zijn} te klein om apart te volgen (minder dan {limit} personen "
        "per levering); {alone:ander deel wordt|andere delen worden} apart gevolgd",
        "en": "{check}: {count:segment is|segments are} too small to be watched alone (fewer than {limit} "
        "persons a delivery); {alone:other is|others are} watched alone",
    },
    "audit.together_of": {
        "nl": "Delen die {check} samen beoordeelt",
        "en": "Segments that {check} judges together",
    },
    "audit.as": {"nl": "als {segment}: {which}", "en": "as {segment}: {which}"},
}
"""What would go unseen."""

BACKTEST: Mapping[str, Texts] = {
    "backtest.title": {
        "nl": "{feed}: tekorten aangebracht in {source}",
        "en": "{feed}: losses planted in {source}",
    },
    "backtest.stored": {
        "nl": "de bewaarde aantallen van {first} tot en met {last}",
        "en": "the stored counts of {first} to {last}",
    },
    "backtest.drawn": {
        "nl": "reeksen van drie jaar zoals die van {count:levering|leveringen}, {first} tot en met {last}",
        "en": "three-year histories drawn like the {count:delivery|deliveries} of {first} to {last}",
    },
    "backtest.example": {
        "nl": "een voorbeeldstroom, want de bewaarde historie is te kort: {lost} personen per werkdag in het "
        "deel dat verliest, {beside} daarnaast, k = {size}, een niveau dat {drift} per week verloopt",
        "en": "an example feed, since the stored history is too short: {lost} persons a business day in the "
        "part that loses, {beside} beside it, k = {size}, a level that drifts {drift} a week",
    },
    "backtest.loss": {"nl": "{segment} {loss}", "en": "{segment} {loss}"},
    "backtest.days": {"nl": "{days} d", "en": "{days} d"},
    "backtest.head_loss": {"nl": "tekort", "en": "loss"},
    "backtest.head_by": {"nl": "door", "en": "by"},
    "backtest.head_found": {"nl": "gevonden", "en": "found"},
    "backtest.head_half": {"nl": "helft in", "en": "half in"},
    "backtest.head_most": {"nl": "9 van 10", "en": "9 of 10"},
    "backtest.head_bound": {"nl": "÷ grens", "en": "÷ bound"},
    "backtest.head_false_alarms": {"nl": "vals/jaar", "en": "FA/year"},
    "backtest.note": {
        "nl": "kalenderdagen; vals/jaar: valse alarmen per jaar zonder tekort",
        "en": "calendar days; FA/year: false alarms a year without a loss",
    },
}
"""Backtests."""


# The words for the life of an incident: its states, its events, and what a thread is told of them.


SEVERITY: dict[Severity, Texts] = {
    Severity.LOW: {"nl": "laag", "en": "low"},
    Severity.MEDIUM: {"nl": "midden", "en": "medium"},
    Severity.HIGH: {"nl": "hoog", "en": "high"},
    Severity.CRITICAL: {"nl": "kritiek", "en": "critical"},
}

# `opened` and `ended` are days.
STATE: dict[State, Texts] = {
    State.OPEN: {"nl": "open sinds {opened}", "en": "open since {opened}"},
    State.ACKNOWLEDGED: {
        "nl": "in behandeling, open sinds {opened}",
        "en": "acknowledged, open since {opened}",
    },
    State.RESOLVED: {
        "nl": "hersteld op {ended}, open sinds {opened}",
        "en": "resolved on {ended}, open since {opened}",
    },
    State.CLOSED: {
        "nl": "gesloten, hersteld op {ended}, open sinds {opened}",
        "en": "closed, resolved on {ended}, open since {opened}",
    },
}

# What a thread is told, by the reason of the notice. `before` says what was told last of a number that grew.
CHANGE: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "Nieuw, {where}: {what}", "en": "New, {where}: {what}"},
    Reason.REOPENED: {"nl": "Terug van weggeweest, {where}: {what}", "en": "It is back, {where}: {what}"},
    Reason.NATURE_CHANGED: {
        "nl": "Anders dan eerst gedacht, nu '{nature}', {where}: {what}",
        "en": "Not what it seemed, now '{nature}', {where}: {what}",
    },
    Reason.UNGROUPED: {"nl": "Blijft over, {where}: {what}", "en": "This remains, {where}: {what}"},
    Reason.STABLE: {
        "nl": "Wisselt niet meer en is er nog, {where}: {what}",
        "en": "No longer up and down, and still there, {where}: {what}",
    },
    Reason.FLAPPING: {
        "nl": "Gaat op en neer, {where}: {check}. Stil tot het stabiel is, tenzij het ernstiger wordt.",
        "en": "It goes up and down, {where}: {check}. Silent until stable, unless it gets worse.",
    },
    Reason.SEVERITY_GREW: {
        "nl": "Ernstiger, nu {severity}, {where}: {what}{before}",
        "en": "Worse, now {severity}, {where}: {what}{before}",
    },
    Reason.SHORTFALL_GREW: {
        "nl": "Het loopt op, {where}: {what}{before}",
        "en": "It is growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_BROKEN: {
        "nl": "De stilte is doorbroken, want het loopt op, {where}: {what}{before}",
        "en": "The snooze is broken because it is growing, {where}: {what}{before}",
    },
    Reason.SNOOZE_EXPIRED: {
        "nl": "De stilte is voorbij en het is er nog, {where}: {what}",
        "en": "The snooze is over and it is still there, {where}: {what}",
    },
    Reason.RECOVERED: {
        "nl": "Hersteld, {where}: {check}, van {opened} tot {resolved}.",
        "en": "Recovered, {where}: {check}, from {opened} until {resolved}.",
    },
    Reason.ACKNOWLEDGED: {
        "nl": "In behandeling bij {actor}, {where}: {check}.",
        "en": "Acknowledged by {actor}, {where}: {check}.",
    },
    Reason.SNOOZED: {
        "nl": "{actor} vraagt stilte tot {until}, {where}: {check}. Reden: {why}",
        "en": "{actor} asks for silence until {until}, {where}: {check}. Reason: {why}",
    },
    Reason.RESOLVED_BY_HAND: {
        "nl": "{actor} meldt dit als opgelost, {where}: {check}.",
        "en": "{actor} says this is resolved, {where}: {check}.",
    },
}

# What a life consists of, by the reason of the event.
EVENT: dict[Reason, Texts] = {
    Reason.OPENED: {"nl": "geopend", "en": "opened"},
    Reason.REOPENED: {"nl": "heropend", "en": "reopened"},
    Reason.RECOVERED: {"nl": "hersteld", "en": "recovered"},
    Reason.RESOLVED_BY_HAND: {"nl": "als opgelost gemeld", "en": "resolved by hand"},
    Reason.ACKNOWLEDGED: {"nl": "in behandeling genomen", "en": "acknowledged"},
    Reason.CLOSED_QUIET: {"nl": "gesloten, want het bleef stil", "en": "closed, since it stayed quiet"},
    Reason.SUPERSEDED: {"nl": "gesloten, want er kwam een nieuw probleem", "en": "closed for a new incident"},
    Reason.SNOOZED: {"nl": "stilte gevraagd", "en": "snoozed"},
    Reason.SNOOZE_EXPIRED: {"nl": "stilte voorbij", "en": "snooze over"},
    Reason.SNOOZE_BROKEN: {"nl": "stilte doorbroken", "en": "snooze broken"},
    Reason.SEVERITY_GREW: {"nl": "ernstiger geworden", "en": "severity grew"},
    Reason.SHORTFALL_GREW: {"nl": "tekort opgelopen", "en": "shortfall grew"},
    Reason.NATURE_CHANGED: {"nl": "anders dan eerst gedacht", "en": "not what it seemed"},
    Reason.FLAPPING: {"nl": "gaat op en neer", "en": "flapping"},
    Reason.STABLE: {"nl": "weer stabiel", "en": "stable again"},
    Reason.GROUPED: {"nl": "deel van een groter probleem", "en": "part of a wider problem"},
    Reason.UNGROUPED: {
        "nl": "niet langer deel van een groter probleem",
        "en": "no longer part of a wider problem",
    },
}
