"""config.yaml: what is read, what is refused, and how the refusal is worded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ketenwacht.config.load import find_feed, load_settings
from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.domain.statement import Text
from ketenwacht.errors import ConfigError

GOOD = """\
version: 1
history: ${HISTORY:-sqlite:///var/history.db}
feeds:
  arrivals:
    title: Arrivals
    source: {kind: files, path: in, pattern: "A_{date:%Y%m%d}.csv"}
    environments:
      staging: {source: {path: staged}}
    schedule: {cron: "0 7 * * mon-fri", calendar: NL, grace: 4h}
    segments: [[], [group]]
alerts:
  routes: [{feeds: [arrivals], slack: {channel: ${CHANNEL:-}, token: ${TOKEN:-}}}]
"""


@pytest.fixture
def config(tmp_path):
    def write(text: str = GOOD) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_good_file_becomes_plain_values(config):
    settings = load_settings(config(), environ={"TOKEN": "t-1", "CHANNEL": "C1"})
    feed = settings.feeds["arrivals"]
    assert feed.name == "arrivals"
    assert feed.source == FileSource(path="in", pattern="A_{date:%Y%m%d}.csv")
    assert feed.schedule is not None
    assert feed.schedule.grace == timedelta(hours=4)
    assert feed.segments == ((), ("group",))
    assert settings.history == "sqlite:///var/history.db"
    assert settings.alerts.routes[0].slack is not None
    assert settings.alerts.routes[0].slack.token == "t-1"


def test_the_environment_is_merged_over_the_feed(config):
    source = load_settings(config(), environ={}, environment="staging").feeds["arrivals"].source
    assert source == FileSource(path="staged", pattern="A_{date:%Y%m%d}.csv")


def test_two_dollars_stand_for_one(config):
    settings = load_settings(
        config(GOOD.replace("title: Arrivals", 'title: "costs $${TOKEN}"')), environ={"TOKEN": "t"}
    )
    assert Text.of(settings.feeds["arrivals"].title).in_language("en") == "costs ${TOKEN}"


def test_a_secret_may_stand_in_a_file(config, tmp_path):
    (tmp_path / "secret").write_text("from-file\n", encoding="utf-8")
    settings = load_settings(config(), environ={"TOKEN_FILE": str(tmp_path / "secret"), "CHANNEL": "C"})
    assert settings.alerts.routes[0].slack is not None
    assert settings.alerts.routes[0].slack.token == "from-file"


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("feeds.arrivals.source.path=elsewhere", lambda s: s.feeds["arrivals"].source.path == "elsewhere"),
        ("feeds.arrivals.schedule.grace=2d", lambda s: s.feeds["arrivals"].schedule.grace == timedelta(days=2)),
        (
            "alerts.routes.0.slack.base_url=http://localhost:1/",
            lambda s: "localhost" in s.alerts.routes[0].slack.base_url,
        ),
        ("alerts.small_count=5", lambda s: s.alerts.small_count == 5),
        ("feeds.arrivals.segments.1=[town]", lambda s: s.feeds["arrivals"].segments == ((), ("town",))),
    ],
)
def test_one_setting_can_be_overridden_for_one_call(config, override, found):
    assert found(load_settings(config(), environ={}, overrides=[override]))


@pytest.mark.parametrize(
    ("sentence", "old", "new", "line", "said"),
    [
        ("an unknown setting is named with the one that was meant", "title:", "titel:", 5, "did you mean `title`"),
        ("an unknown setting of a source too", "path: in", "pth: in", 6, "did you mean `path`"),
        ("a kind that there is not", "kind: files", "kind: filez", 6, "did you mean `files`"),
        ("a duration that is none says how to write one", "grace: 4h", "grace: soon", 9, "30min, 4h, 14d"),
        ("an unset variable without a default", "${TOKEN:-}", "${TOKEN}", 12, "set TOKEN or TOKEN_FILE"),
        (
            "environments that are none",
            "staging: {source: {path: staged}}",
            "staging",
            7,
            "`environments` is not a mapping",
        ),
        ("a day that does not exist", "grace: 4h", "grace: 4h, closures: [2022-02-30]", 9, "does not exist"),
        ("a number that is not finite", "grace: 4h", "grace: .inf", 9, "not finite"),
        ("a duplicate key", "version: 1\n", "version: 1\nversion: 1\n", 2, "for the second time"),
        ("broken YAML", "feeds:\n", "feeds: [\n", 0, "mind the brackets"),
        ("another version", "version: 1", "version: 9", 1, "use version: 1"),
        (
            "a time zone that does not exist",
            "version: 1",
            "version: 1\ntimezone: Mars/Olympus",
            2,
            "Europe/Amsterdam",
        ),
    ],
)
def test_a_fault_says_where_what_and_how_to_mend(config, sentence, old, new, line, said):
    path = config(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})
    assert said in str(caught.value), sentence
    assert f"config.yaml:{line or ''}" in caught.value.where, sentence


WORDED = """\
version: 1
feeds:
  arrivals:
    title: TITLE
    source: {kind: files, path: in, pattern: "A_{date:%Y%m%d}.csv"}
    evidence:
      register:
        path: register
        pattern: "R_{date:%Y%m%d}.csv"
        decided_column: decided
        terms:
          - name: TERM
            term: 10w
alerts:
  feeds:
    arrivals:
      at_stake: STAKE
"""


def worded(title="Arrivals", term="plan", stake="much"):
    return WORDED.replace("TITLE", title).replace("TERM", term).replace("STAKE", stake)


@pytest.mark.parametrize("said", ["a text", "{nl: tekst, en: text}", "{nl: tekst}"])
def test_words_for_people_are_one_text_or_one_a_language(config, said):
    settings = load_settings(config(worded(said, said, said)), environ={})
    feed = settings.feeds["arrivals"]
    assert feed.evidence.register is not None
    found = [feed.title, feed.evidence.register.terms[0].name, settings.alerts.notes("arrivals").at_stake]
    assert all(Text.of(one).in_language("nl").startswith(("a text", "tekst")) for one in found)
    assert all(Text.of(one).in_language("en").startswith(("a text", "tekst", "text")) for one in found)


@pytest.mark.parametrize(
    ("sentence", "text", "place", "said"),
    [
        ("a title", worded("{nl: a, fr: b}"), "4:20", "`feeds.arrivals.title.fr` is not one of the allowed words"),
        ("a term", worded(term="{de: a}"), "12:20", "terms.0.name.de` is not one of the allowed words"),
        ("what is at stake", worded(stake="{EN: a}"), "17:18", "at_stake.EN` is not one of the allowed words"),
        ("a text that is none", worded("{nl: 5}"), "4:13", "`feeds.arrivals.title.nl` is not a text"),
        ("neither text nor mapping", worded("[a]"), "4:5", "`feeds.arrivals.title` is not a text"),
    ],
)
def test_a_language_that_no_message_is_in_is_refused_at_its_place(config, sentence, text, place, said):
    with pytest.raises(ConfigError) as caught:
        load_settings(config(text), environ={})
    assert said in str(caught.value), sentence
    assert caught.value.where.endswith(f"config.yaml:{place}"), sentence


def test_a_missing_file_is_a_clear_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "none.yaml", environ={})


def test_a_table_source_needs_its_own_settings_and_no_others(config):
    text = GOOD.replace(
        '{kind: files, path: in, pattern: "A_{date:%Y%m%d}.csv"}', "{kind: table, url: 'sqlite://'}"
    )
    with pytest.raises(ConfigError, match=r"source\.table.*is missing"):
        load_settings(config(text), environ={})
    text = text.replace("url: 'sqlite://'", "url: 'sqlite://', table: t, period_column: d")
    source = load_settings(config(text), environ={}).feeds["arrivals"].source
    assert source == TableSource(url="sqlite://", table="t", period_column="d")


def test_a_feed_must_be_named_when_there_are_several(config):
    settings = load_settings(config(), environ={})
    assert find_feed(settings, None).name == "arrivals"
    with pytest.raises(ConfigError, match="no such feed"):
        find_feed(settings, "departures")


def test_a_value_never_stands_in_the_message(config):
    path = config(GOOD.replace("version: 1", "version: geheim-1234567890"))
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ={})
    assert "1234567890" not in str(caught.value)


@pytest.mark.parametrize(
    ("sentence", "alerts", "says"),
    [
        (
            "a fallback is a route",
            "fallback: reserve, routes: [{name: ops}]",
            "no route `reserve`.*use one of: ops",
        ),
        ("two routes are two", "routes: [{name: ops}, {name: ops}]", "called `ops` too"),
        ("an unnamed route has a name as well", "routes: [{name: route-2}, {}]", "called `route-2` too"),
        ("the last resort keeps its name", "routes: [{name: console}]", "called `console` too"),
        (
            "a route's console has a name",
            "routes: [{name: ops-console}, {name: ops, console: true, slack: {channel: C1, token: t}}]",
            "called `ops-console` too",
        ),
    ],
)
def test_routes_are_told_apart_by_name(config, sentence, alerts, says):
    path = config(GOOD.split("alerts:", maxsplit=1)[0] + f"alerts: {{{alerts}}}\n")
    with pytest.raises(ConfigError, match=says):
        load_settings(path, environ={})


@pytest.mark.parametrize("fallback", ["ops", "console"])
def test_a_fallback_may_be_a_route_or_the_console(config, fallback):
    path = config(
        GOOD.split("alerts:", maxsplit=1)[0] + f"alerts: {{fallback: {fallback}, routes: [{{name: ops}}]}}\n"
    )
    assert load_settings(path, environ={}).alerts.fallback == fallback


def test_an_environment_where_none_is_configured_says_how_to_write_one(config):
    bare = GOOD.replace("    environments:\n      staging: {source: {path: staged}}\n", "")
    with pytest.raises(ConfigError) as caught:
        load_settings(config(bare), environ={}, environment="acceptance")
    assert str(caught.value).endswith("write `environments: {acceptance: {source: {path: …}}}` under a feed")
