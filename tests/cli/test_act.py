"""Acting on incidents and trying alert routes, against a real history and a real Slack peer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from replayed import configured
from slack_peer import Fault, SlackPeer

from ketenwacht.store import History
from ketenwacht.workflows import clock

pytestmark = pytest.mark.integration


def first_of(place):
    return place("findings", "list", "--format", "json").json["findings"][0]["id"]


def slack(peer):
    return (
        "--set",
        f"alerts.routes.0.slack.base_url={peer.base_url}",
        "--set",
        "alerts.routes.0.slack.channel=C1",
        "--set",
        "alerts.routes.0.slack.token=xoxb-test",
    )


def audit_of(place):
    with History.open(f"sqlite:///{place.replayed}", create=False) as history:
        return [(line.entry.action, line.entry.object, line.entry.actor) for line in history.audit.find()]


def test_ack_names_an_owner_tells_the_thread_and_leaves_an_audit_line(place):
    name = first_of(place)
    said = place("incidents", "ack", name[:6], "--by", "An")
    assert said.code == 0
    assert "acknowledged; handled by An" in said.out
    assert "acknowledged by An" in said.out
    assert "An" in place("alerts", "list", "--replay").out or said.out.count("An") > 2
    assert ("acknowledged", f"incident {name}", "An") in audit_of(place)


def test_acknowledging_twice_changes_nothing(place):
    name = first_of(place)
    assert place("incidents", "ack", name, "--by", "An", "--format", "json").json["changed"] is True
    again = place("incidents", "ack", name, "--by", "Bo", "--format", "json")
    assert (again.code, again.json["changed"], again.json["owner"]) == (0, False, "An")


def test_without_by_the_account_acts(place, monkeypatch):
    monkeypatch.setenv("LOGNAME", "night-shift")
    assert place("incidents", "ack", first_of(place), "--format", "json").json["owner"] == "night-shift"


def test_snooze_until_a_day_is_until_its_local_midnight(place):
    day = clock.now().astimezone(ZoneInfo("Europe/Amsterdam")).date() + timedelta(days=300)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(UTC)
    said = place(
        "incidents",
        "snooze",
        first_of(place),
        "--until",
        day.isoformat(),
        "--reason",
        "on its way",
        "--by",
        "An",
        "--format",
        "json",
    )
    assert said.json["snooze"] == {"by": "An", "reason": "on its way", "until": f"{midnight:%Y-%m-%dT%H:%M:%SZ}"}


REFUSED = [
    ("a snooze that ends in the past", ("snooze", "--until", "2022-02-01", "--reason", "x"), "ends in the past"),
    ("a snooze of two years", ("snooze", "--until", "2098-12-31", "--reason", "x"), "more than 366 days"),
    ("a snooze without an end", ("snooze", "--until", "9999-12-31", "--reason", "x"), "more than 366 days"),
    ("a snooze without a reason", ("snooze", "--until", "2099-02-01", "--reason", " "), "needs a reason"),
    ("a resolution without a reason", ("resolve", "--reason", " "), "it is empty"),
    ("nobody who acts", ("ack", "--by", " "), "nobody is named"),
]


@pytest.mark.parametrize(("sentence", "arguments", "why"), REFUSED, ids=[r[0] for r in REFUSED])
def test_an_act_is_refused(place, sentence, arguments, why):
    act, *rest = arguments
    said = place("incidents", act, first_of(place), *rest)
    assert said.code == 2
    assert why in said.err


def test_what_was_resolved_is_listed_as_such_and_cannot_be_acknowledged(place):
    name = first_of(place)
    said = place("incidents", "resolve", name, "--reason", "delivered after all", "--by", "An", "--format", "json")
    assert (said.json["state"], said.json["resolved_at"] is not None) == ("resolved", True)
    assert "6 open, 1 resolved" in place("findings", "list").out
    assert place("incidents", "ack", name, "--by", "An").code == 2


def test_an_act_that_slack_does_not_hear_is_kept_and_exits_4(place):
    with SlackPeer() as peer:
        peer.script = lambda method: Fault.ERROR_BEFORE if method.startswith("chat.") else None
        said = place(*slack(peer), "incidents", "ack", first_of(place), "--by", "An", "--format", "json")
    assert (said.code, said.json["state"]) == (4, "acknowledged")


def test_alerts_test_goes_through_every_route_and_makes_no_history(tmp_path):
    place = configured(tmp_path)
    with SlackPeer() as peer:
        said = place(*slack(peer), "--set", "alerts.routes.0.console=true", "alerts", "test", "--format", "json")
        assert len(peer.messages) == 1
    assert said.code == 0
    assert {(r["route"], r["medium"], r["arrived"]) for r in said.json["routes"]} == {
        ("route-1", "slack", True),
        ("route-1-console", "console", True),
    }
    assert not (tmp_path / "var").exists()


def test_alerts_test_exits_4_and_says_why_when_slack_refuses(tmp_path):
    with SlackPeer() as peer:
        peer.script = lambda _: Fault.REVOKED
        said = configured(tmp_path)(*slack(peer), "alerts", "test")
    assert said.code == 4
    assert "token_revoked" in said.out


def test_alerts_test_of_an_unknown_route_names_the_known_ones(tmp_path):
    said = configured(tmp_path)("alerts", "test", "--route", "nowhere")
    assert (said.code, "use one of: route-1" in said.err) == (2, True)


def test_flush_sends_what_waited_and_says_what_is_in_the_way(place):
    place.go_live()
    with SlackPeer() as peer:
        peer.script = lambda method: Fault.ERROR_BEFORE if method.startswith("chat.") else None
        assert place(*slack(peer), "incidents", "ack", first_of(place), "--by", "An").code == 4
        waiting = place(*slack(peer), "alerts", "flush")
        assert waiting.code == 4
        assert "1 will be tried again" in waiting.out
        assert "http-500" in waiting.out
    assert "pending" in place("alerts", "list").out


def test_what_a_channel_can_never_take_is_printed_exits_4_and_stays_visible(place):
    with SlackPeer() as peer:
        peer.script = lambda method: Fault.REVOKED if method == "chat.postMessage" else None
        judged = place(*slack(peer), "check", "--at", "2022-01-17T12:00:00Z")
        assert judged.code == 4, "though persons are missing, which by itself is 1"
        assert "persons missing" in judged.out, "the fallback has told it"
        told = place(*slack(peer), "doctor")
    assert place("alerts", "list", "--format", "json").json["counts"]["failed"] == 1, "one incident"
    assert "token_revoked" in told.out


def test_an_alert_that_waits_behind_another_is_not_delivered(place):
    place.go_live()
    with SlackPeer() as peer:
        peer.script = lambda method: Fault.ERROR_BEFORE if method.startswith("chat.") else None
        assert place(*slack(peer), "incidents", "ack", first_of(place), "--by", "An").code == 4
        peer.script = lambda _method: None
        said = place(*slack(peer), "incidents", "resolve", first_of(place), "--by", "An", "--reason", "mended")
        assert (said.code, peer.messages) == (4, []), "the first is tried again in half a minute"


def test_flush_without_anything_waiting_is_fine(place):
    place.go_live()
    said = place("alerts", "flush", "--format", "json")
    assert (said.code, said.json["sent"], said.json["waiting"]) == (0, 0, 0)


def test_alerts_list_tells_what_was_told(place):
    shown = place("alerts", "list", "--replay", "--format", "json").json
    assert shown["counts"]["sent"] == 4
    assert {one["state"] for one in shown["alerts"]} == {"sent"}
    assert [one["headline"].partition(", IND")[0] for one in shown["alerts"]] == [
        "2 categories are missing: G24 · G25",
        "3 categories are missing: G24 · G25 · O33",
        "4 categories are missing: A14 · G24 · G25 · O33",
        "<10 persons missing",
    ]
