"""Texts about a feed's own history: baselines, backtests and what would go unseen, by key, in every language."""

from __future__ import annotations

from collections.abc import Mapping

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
        "nl": "{count:incident over ontbrekende personen liep|incidenten over ontbrekende personen liepen} "
        "in deze periode. Wat niet is vastgelegd, telt als normaal.",
        "en": "{count:incident|incidents} about missing persons in this period. Anything not declared is "
        "learned as normal.",
    },
    "baseline.learnt": {
        "nl": "Geleerd van {deliveries:levering|leveringen}, {span}; {masked:vastgelegde dag|vastgelegde "
        "dagen} weggelaten.",
        "en": "Learned from {deliveries:delivery|deliveries}, {span}, without {masked:declared "
        "day|declared days}.",
    },
    "baseline.learnt_replayed": {
        "nl": "Geleerd van {deliveries:levering|leveringen}, {span}, zoals nagespeeld; {masked:vastgelegde "
        "dag|vastgelegde dagen} weggelaten.",
        "en": "Learned from {deliveries:delivery|deliveries}, {span}, as replayed, without "
        "{masked:declared day|declared days}.",
    },
    "baseline.blind": {
        "nl": "Een niveau dat {slack} schommelt, telt als normaal. De eigen geschiedenis ziet kleinere "
        "tekorten dus niet.",
        "en": "A level that drifts by {slack} counts as normal, so own history cannot see smaller losses.",
    },
    "baseline.counted": {
        "nl": "Het aantal valse alarmen is geteld in {runs} nagebootste reeksen (startgetal {seed}, "
        "verloop {drift} per week), samen {years} jaar.",
        "en": "False alarms were counted in {runs} simulated histories (seed {seed}, drift {drift} a "
        "week), {years:year|years} in all.",
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
        "nl": "bewijs in die periode, per week: {line} {highest}",
        "en": "evidence in that period, by week: {line} {highest}",
    },
    "baseline.merged": {
        "nl": "{segment} en {count:kleine groep|kleine groepen}",
        "en": "{segment} and {count:small segment|small segments}",
    },
    "baseline.part": {
        "nl": "{segment}: {mean:persoon|personen} per levering, k {size}",
        "en": "{segment}: {mean:person|persons} a delivery, k {size}",
    },
    "baseline.threshold": {"nl": "drempel", "en": "threshold"},
    "baseline.a_year": {"nl": "per jaar", "en": "a year"},
    "baseline.false_alarms": {"nl": "valse alarmen", "en": "false alarms"},
    "baseline.about_here": {"nl": "ongeveer deze plek", "en": "about here"},
    "baseline.none_yet": {
        "nl": "{feed}: er is geen ijkpunt vastgelegd; speling en drempel volgen uit de eigen geschiedenis",
        "en": "{feed}: no baseline is recorded; slack and threshold follow from own history",
    },
    "baseline.today": {
        "nl": "Wat {check} nu kan zien:",
        "en": "What {check} can detect now:",
    },
    "baseline.above": {"nl": "boven", "en": "above"},
    "baseline.below": {"nl": "onder", "en": "below"},
}
"""What a feed's own history is held to, and what it cannot see."""

AUDIT: Mapping[str, Texts] = {
    "audit.title": {
        "nl": "Wat niemand zou zien: het kleinste tekort dat binnen 30 / 90 / 365 dagen opvalt",
        "en": "What would go unseen: the smallest loss detected within 30 / 90 / 365 days",
    },
    "audit.reference": {"nl": "Telling", "en": "Reference"},
    "audit.keys": {"nl": "Register", "en": "Reconciliation"},
    "audit.own_shows": {
        "nl": "{segment}: de eigen geschiedenis ziet een tekort van {loss} in ongeveer {days:dag|dagen}; een "
        "tekort onder {blind} ziet zij niet binnen een jaar.{season}",
        "en": "{segment}: own history detects a loss of {loss} in about {days:day|days}. It does not detect a "
        "loss under {blind} within a year.{season}",
    },
    "audit.own_shows_nothing": {
        "nl": "{segment}: de eigen geschiedenis ziet binnen een jaar geen enkel tekort.{season}",
        "en": "{segment}: own history detects no loss within a year.{season}",
    },
    "audit.own_unjudged": {
        "nl": "{segment}: de eigen geschiedenis beoordeelt deze groep nu niet, want {reason}.",
        "en": "{segment}: own history does not judge this segment now, because {reason}.",
    },
    "audit.season_unknown": {
        "nl": " Het seizoen is nog niet bekend.",
        "en": " The season is not known yet.",
    },
    "audit.loss_open": {
        "nl": " Hier staat al een tekort open: dit gaat over een verder tekort.",
        "en": " A loss is open here already: this is about a further one.",
    },
    "audit.rest": {
        "nl": "Een tekort van {loss} is te vinden {rest}.",
        "en": "A loss of {loss} can be found {rest}.",
    },
    "audit.by_volume": {
        "nl": "door de eigen geschiedenis binnen {days:dag|dagen} na het begin",
        "en": "by own history within {days:day|days} of its beginning",
    },
    "audit.not_by_volume": {"nl": "niet door de eigen geschiedenis", "en": "not by own history"},
    "audit.by_reference": {
        "nl": "vanaf de eerste dag door een telling van buiten die tot op {known} of beter bekend is",
        "en": "from day one by an outside reference known to {known} or better",
    },
    "audit.no_reference": {"nl": "door geen enkele telling van buiten", "en": "by no outside reference"},
    "audit.by_keys": {
        "nl": "door het register in ongeveer {days:dag|dagen}",
        "en": "by reconciliation in about {days:day|days}",
    },
    "audit.name_by_name": {
        "nl": "alleen naam voor naam door het register",
        "en": "only name by name by reconciliation",
    },
    "audit.together": {
        "nl": "{check}: {count:groep is|groepen zijn} te klein om apart te volgen (minder dan "
        "{limit:persoon|personen} per levering); {alone:andere groep wordt|andere groepen worden} apart gevolgd",
        "en": "{check}: {count:segment is|segments are} too small to watch alone (fewer than "
        "{limit:person|persons} a delivery); {alone:other is|others are} watched alone",
    },
    "audit.together_of": {
        "nl": "Groepen die {check} samen beoordeelt",
        "en": "Segments that {check} judges together",
    },
    "audit.as": {"nl": "als {segment}: {which}", "en": "as {segment}: {which}"},
}
"""What would go unseen."""

BACKTEST: Mapping[str, Texts] = {
    "backtest.title": {
        "nl": "{feed}: tekorten nagebootst in {source}",
        "en": "{feed}: losses planted in {source}",
    },
    "backtest.stored": {
        "nl": "de bewaarde aantallen van {first} tot en met {last}",
        "en": "the stored counts of {first} to {last}",
    },
    "backtest.drawn": {
        "nl": "reeksen van drie jaar, nagebootst naar {count:levering|leveringen} van {first} tot en met {last}",
        "en": "three-year histories simulated from {count:delivery|deliveries} of {first} to {last}",
    },
    "backtest.example": {
        "nl": "een voorbeeldstroom, want de bewaarde historie is te kort: {lost} personen per werkdag in "
        "de groep met het tekort, {beside} daarbuiten, k = {size}, een niveau dat {drift} per week "
        "verloopt",
        "en": "an example feed, since the stored history is too short: {lost} persons a business day in "
        "the segment with the loss, {beside} outside it, k = {size}, a level that drifts {drift} a "
        "week",
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
