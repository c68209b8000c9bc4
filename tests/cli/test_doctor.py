"""What doctor says of set-ups that are right, and of one fault at a time."""

import sqlite3

import pytest
from replayed import configured
from slack_peer import Fault, SlackPeer

pytestmark = pytest.mark.integration


def troubles(said):
    return {one["subject"]: one["trouble"] for one in said.json["findings"]}


def test_a_sample_set_up_has_nothing_in_its_way(place):
    place.go_live()
    said = place("doctor", "--format", "json")
    found = troubles(said)
    assert said.code == 0
    assert found["configuration"] == found["ind-duo source"] == found["history"] == found["outbox"] == "fine"
    assert found["ind-duo references"] == found["ind-duo register"] == found["ind-duo inquiries"] == "fine"
    assert found["ind-duo schedule"] == "warning"
    assert found["pseudonym key"] == "absent"


def test_every_line_is_one_line_with_a_mark_and_a_remedy(place):
    said = place("doctor")
    lines = said.out.splitlines()
    assert all(line[0] in "✓✗!–" and ": " in line for line in lines)
    assert any(line.startswith("! ind-duo schedule") and " — " in line for line in lines)


def test_strict_makes_a_warning_fail(place):
    assert place("doctor", "--strict").code == 1


def test_it_makes_nothing(tmp_path):
    said = configured(tmp_path)("doctor", "--format", "json")
    assert not (tmp_path / "var").exists()
    assert troubles(said)["history"] == "absent"


FAULTS = [
    ("an unknown setting", ("feeds.ind-duo.colour=red",), "configuration", "misconfigured", 2),
    ("a folder that is not there", ("feeds.ind-duo.source.path=var/nowhere",), "ind-duo source", "unreachable", 3),
    ("no schedule", ("feeds.ind-duo.schedule=null",), "ind-duo schedule", "absent", 0),
    (
        "a glob that finds nothing",
        ("feeds.ind-duo.evidence.inquiries=[none/*.csv]",),
        "ind-duo inquiries",
        "warning",
        0,
    ),
    ("no register", ("feeds.ind-duo.evidence.register=null",), "ind-duo register", "absent", 0),
    ("an apprise route without a URL", ('alerts.routes.0.apprise.urls=[""]',), "route route-1", "warning", 0),
    ("no address of pages", (), "alerts.page", "absent", 0),
    ("a feed that no route tells of", ("alerts.routes.0.feeds=[other]",), "ind-duo alerts", "misconfigured", 2),
]


@pytest.mark.parametrize(
    ("sentence", "settings", "subject", "trouble", "code"), FAULTS, ids=[f[0] for f in FAULTS]
)
def test_one_fault(place, sentence, settings, subject, trouble, code):
    sets = [part for setting in settings for part in ("--set", setting)]
    said = place(*sets, "doctor", "--format", "json")
    assert troubles(said)[subject] == trouble
    assert said.code == code


def test_a_weak_key_is_refused(place, monkeypatch):
    monkeypatch.setenv("KETENWACHT_KEYS", "k1:abc")
    said = place("doctor", "--format", "json")
    assert (troubles(said)["pseudonym key"], said.code) == ("misconfigured", 2)
    assert "abc" not in said.out.replace("k1", "")


def test_the_lock_is_taken_and_released_and_a_row_is_written(place):
    place.go_live()
    for _ in range(2):
        found = {one["subject"]: one for one in place("doctor", "--format", "json").json["findings"]}
        assert (found["leader lock"]["trouble"], found["history writing"]["trouble"]) == ("fine", "fine")
        assert "taken and released" in found["leader lock"]["what"]


def test_a_history_that_cannot_be_written_is_told_with_the_remedy(place):
    place.go_live()
    with sqlite3.connect(place.live) as connection:
        refuse = "SELECT RAISE(FAIL, 'attempt to write a readonly database')"
        connection.execute(f"CREATE TRIGGER refuse BEFORE INSERT ON leases BEGIN {refuse}; END")
    connection.close()
    said = place("doctor", "--format", "json")
    (found,) = [one for one in said.json["findings"] if one["subject"] == "history writing"]
    assert (found["trouble"], said.code) == ("unreachable", 3)
    assert found["mend"].startswith("it can be read but not written; check the owner and mode")


def test_a_history_that_is_no_database_is_unreachable(place):
    place.live.write_text("no database at all, but long enough to be taken for one" * 50)
    said = place("doctor", "--format", "json")
    assert (troubles(said)["history"], said.code) == ("unreachable", 3)


def test_an_altered_audit_log_shows(place):
    place.go_live()
    with sqlite3.connect(place.live) as history:
        history.execute("UPDATE audit SET actor = 'nobody' WHERE number = 1")
    said = place("doctor", "--format", "json")
    assert (troubles(said)["history"], said.code) == ("unreachable", 3)


def slack(peer):
    settings = {"base_url": peer.base_url, "channel": "C1", "token": "xoxb-test"}
    return [
        part for name, value in settings.items() for part in ("--set", f"alerts.routes.0.slack.{name}={value}")
    ]


def test_a_slack_that_answers_is_fine_and_hears_nothing(place):
    with SlackPeer() as peer:
        said = place(*slack(peer), "doctor", "--format", "json")
        assert peer.messages == []
    assert troubles(said)["route route-1"] == "fine"


ROUTES = [
    ("a token that was revoked", Fault.REVOKED, "misconfigured", 2),
    ("a server that fails", Fault.ERROR_BEFORE, "unreachable", 3),
]


@pytest.mark.parametrize(("sentence", "fault", "trouble", "code"), ROUTES, ids=[r[0] for r in ROUTES])
def test_a_slack_that_does_not(place, sentence, fault, trouble, code):
    with SlackPeer() as peer:
        peer.script = lambda _: fault
        said = place(*slack(peer), "doctor", "--format", "json")
    assert (troubles(said)["route route-1"], said.code) == (trouble, code)


def test_alerts_that_wait_too_long_are_stuck(place):
    place.go_live()
    with sqlite3.connect(place.live) as history:
        history.execute("UPDATE alerts SET state = 'pending', sent_at = NULL")
    said = place("doctor", "--format", "json")
    assert (troubles(said)["outbox"], said.code) == ("stuck", 4)
