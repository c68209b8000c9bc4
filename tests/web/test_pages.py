"""The pages over real HTTP, on a history with incidents in it."""

import csv
import html
import io
import json
import math
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.web.metrics import HELP, WHOLE_FEED
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration


AT = datetime(2022, 1, 17, 9, tzinfo=UTC)
"""The morning on which the last delivery came."""


@pytest.fixture
def limit():
    """What `alerts.small_count` says."""
    return 10


@pytest.fixture
def service(place, limit):
    place.go_live()
    settings = ("alerts.language=en", f"alerts.small_count={limit}")
    project = LoadedProject.open(place.root / "config.yaml", overrides=settings)
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        yield made
        made.close()


@pytest.fixture
def get(service):
    with PageServer(web_app(service), host="127.0.0.1", port=0) as pages:

        def fetch(path, method="GET", **headers):
            request = urllib.request.Request(  # noqa: S310 - our own address
                pages.address + path,
                method=method,
                headers={name.replace("_", "-"): v for name, v in headers.items()},
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
                    return answer.status, answer.headers, answer.read().decode()
            except urllib.error.HTTPError as fault:
                with fault:
                    return fault.code, fault.headers, fault.read().decode()

        yield fetch


def incident_of(service):
    found = service.history.incidents.find(service.project.settings.alerts.policy, "ind-duo")
    return max(found, key=lambda i: i.missing.value if i.missing else 0)


def paths(service):
    number = incident_of(service).number
    return [
        "/",
        "/feeds/ind-duo",
        "/incidents",
        "/incidents?all=1",
        f"/incidents/{number}",
        "/deliveries",
        "/findings",
    ]


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.scripts = [], 0

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "action"}]
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)


def test_every_page_forbids_what_it_does_not_need_and_asks_nothing_of_others(service, get):
    for path in [*paths(service), "/nowhere-to-be-found", "/feeds/none"]:
        code, headers, body = get(path)
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"), path
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        links = Links()
        links.feed(body)
        assert links.scripts == 0
        assert [link for link in links.found if not link.startswith(("/", "#"))] == [], path
        assert " style=" not in body
        assert (code == 404) is ("no" in path), path


def test_every_link_leads_somewhere(service, get):
    for path in paths(service):
        links = Links()
        links.feed(get(path)[2])
        for link in {one for one in links.found if one.startswith("/")}:
            assert get(link)[0] == 200, (path, link)


def text_of(body):
    """The words of a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<(style|script).*?</\\1>|<[^>]+>", " ", body, flags=re.DOTALL)).split())


def test_the_overview_answers_who_since_when_how_sure_what_to_do_and_who_looks_after_it(service, get):
    said = text_of(get("/")[2])
    assert re.search(r"1 feed · 1 incident needs you · nothing else", said)
    assert re.search(r"▲ (<10|\d+0) persons missing , IND → DUO", said)
    for words in (
        "Who asielstatushouder <10 gezinsmigrant <10 overige migrant <10",
        "Since the week of 27 Dec 2021",
        "How sure certain (register of 14 Jan 2022)",
        "By when",
        "Responsible IND (gegevensleveringen)",
        "Looked after by nobody",
        "Do now Give IND the list of missing keys",
        "Since yesterday",
    ):
        assert words in said, words


def test_an_incident_says_what_to_do_and_what_happened(service, get):
    incident = incident_of(service)
    said = text_of(get(f"/incidents/{incident.number}")[2])
    for words in (
        "Do now Give IND the list",
        "What happened",
        "06:25 opened",
        "Where they are missing",
        "integration plan (70 days): begins only on delivery (",
        "keyed reconciliation · doelgroep gezinsmigrant",
        "Causes",
    ):
        assert words in said, words


def test_the_address_of_a_finding_leads_to_its_incident(service, get):
    incident = incident_of(service)
    body = get(f"/incidents/{incident.findings[0].id}")[2]
    assert f"#{incident.number} · " in text_of(body)


def test_downloads_hold_what_the_pages_show(service, get):
    number = incident_of(service).number
    _, headers, body = get(f"/incidents/{number}/places.csv")
    assert headers["content-disposition"] == f'attachment; filename="incident-{number}-places.csv"'
    rows = list(csv.reader(io.StringIO(body.lstrip("\ufeff")), delimiter=";"))
    assert rows[0] == ["gemeentecode", "Code", "Missing"]
    assert all(int(count.replace(",", "")) % 10 == 0 for *_, count in rows[1:])
    for path in ("/deliveries.csv", "/findings.csv", "/feeds/ind-duo/counts.csv"):
        rows = list(csv.reader(io.StringIO(get(path)[2].lstrip("\ufeff")), delimiter=";"))
        assert len(rows) > 3, path
        assert {len(row) for row in rows} == {len(rows[0])}, path
    calendar = get(f"/incidents/{number}/deadline.ics")[2]
    assert calendar.startswith("BEGIN:VCALENDAR\r\n")
    assert calendar.endswith("END:VCALENDAR\r\n")


def test_filters_are_in_the_address_and_keep_what_they_ask_for(service, get):
    assert "No feed matches the filter" in get("/?q=nothing-like-it")[2]
    assert "No delivery matches the filter" in get("/deliveries?from=2030-01-01")[2]
    assert get("/deliveries?status=failed")[2].count('class="status failed"') > 1
    assert 'class="status passed"' not in get("/findings?status=failed")[2]
    for odd in ("?page=-1", "?page=99999999999", "?from=x&to=%00", "?range=9z", "?part=a%3Db&by=c", "?status=odd"):
        for path in ("/deliveries", "/findings", "/feeds/ind-duo", "/"):
            assert get(path + odd)[0] == 200, (path, odd)


def test_no_small_count_and_no_exact_count_of_missing_persons_is_shown(service, get):
    metrics = get("/metrics")[2]
    (family,) = [f for f in text_string_to_metric_families(metrics) if f.name == "ketenwacht_missing_persons"]
    assert family.samples
    assert all(math.isnan(sample.value) or sample.value % 10 == 0 for sample in family.samples)
    for path in ("/", "/incidents"):
        for number in re.findall(r"about ([\d,]+)", get(path)[2]):
            assert int(number.replace(",", "")) % 10 == 0


def missing_metric(get):
    """Segment → how many the metric says are missing."""
    families = text_string_to_metric_families(get("/metrics")[2])
    (family,) = [f for f in families if f.name == "ketenwacht_missing_persons"]
    return {sample.labels["segment"]: sample.value for sample in family.samples}


def test_the_dashboard_asks_for_the_label_of_the_whole_feed():
    dashboard = Path(__file__).resolve().parents[2] / "deploy/grafana.json"
    assert f'segment=\\"{WHOLE_FEED}\\"' in dashboard.read_text("utf-8")


def test_one_number_of_missing_persons_on_every_page(service, get):
    number = incident_of(service).number
    said = re.search(r"([\d,]+|<10) persons have been missing since", text_of(get("/feeds/ind-duo")[2]))[1]
    assert f'class="n big">{html.escape(said)}</td>' in get("/")[2]
    assert f"▲ {said} persons missing" in text_of(get("/")[2])
    assert f"▲ {said} persons missing" in text_of(get(f"/incidents/{number}")[2])
    (feed,) = json.loads(get("/api/v1/feeds")[2])["feeds"]
    measured = missing_metric(get)[WHOLE_FEED]
    if said == "<10":
        assert math.isnan(measured)
        assert (feed["missing"]["value"], feed["missing"]["hidden"]) == (None, True)
    else:
        assert measured == feed["missing"]["value"] == int(said.replace(",", ""))


@pytest.mark.parametrize("limit", [5000])
def test_the_limit_that_is_configured_governs_pages_and_metrics(service, get, limit):
    assert limit == service.project.settings.alerts.small_count
    assert "<5,000 persons have been missing" in text_of(get("/feeds/ind-duo")[2])
    assert all(math.isnan(value) for value in missing_metric(get).values())
    for path in paths(service):
        assert not re.search(r"about [\d,]+(?![\d,]| days?\b)", get(path)[2]), path


@pytest.mark.parametrize(
    ("asked", "language"),
    [("nl-NL,nl;q=0.9,en;q=0.8", "nl"), ("de, nl;q=0.5, en;q=0.4", "nl"), ("en-GB, nl;q=0.8", "en"), ("fr", "en")],
)
def test_a_page_speaks_the_language_that_its_browser_prefers(service, get, asked, language):
    words = {"nl": ("Overzicht", "Incidenten"), "en": ("Overview", "Incidents")}
    for path in paths(service):
        _, headers, body = get(path, accept_language=asked)
        assert f'<html lang="{language}">' in body, path
        assert "accept-language" in headers["vary"]
    assert all(word in get("/", accept_language=asked)[2] for word in words[language])


def test_every_metric_that_is_documented_is_there_and_no_other(service, get):
    service.tick()
    code, headers, text = get("/metrics")
    assert code == 200
    assert headers["content-type"].startswith("text/plain")
    families = {f.name: f for f in text_string_to_metric_families(text)}
    assert set(families) == set(HELP)
    assert {f.documentation for f in families.values()} == set(HELP.values())
    assert families["ketenwacht_leader"].samples[0].value == 1
    runs = {s.labels["status"]: s.value for s in families["ketenwacht_runs"].samples}
    assert runs["failed"] > 0


def test_alive_and_ready(service, get):
    assert get("/healthz")[::2] == (200, "alive\n")
    code, _, body = get("/readyz")
    told = json.loads(body)
    assert (code, told["role"], told["database"]) == (200 if told["ready"] else 503, "standby", True)


def test_without_its_history_the_service_lives_is_not_ready_and_shows_no_reason(service, get, place):
    service.history.database.engine.dispose()
    for one in place.live.parent.glob("history.db*"):
        one.unlink()
    place.live.mkdir()
    assert get("/healthz")[0] == 200
    code, _, body = get("/readyz")
    assert (code, json.loads(body)["database"]) == (503, False)
    code, _, body = get("/")
    assert code == 503
    assert str(place.root) not in body
    assert "ketenwacht_up 1.0" in get("/metrics")[2]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(get, method):
    assert get("/", method)[0] == 405


def test_what_comes_from_data_is_escaped(service, get):
    code, _, body = get("/incidents/%3Cscript%3Ealert(1)%3C/script%3E")
    assert code == 404
    assert "<script" not in body


def test_pages_answer_to_the_hosts_that_are_named(place):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml", overrides=("service.hosts=[watch.example.org]",))
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None)
        with PageServer(web_app(made), host="127.0.0.1", port=0) as pages:
            said = {}
            for host in ("watch.example.org", "evil.example.org", "127.0.0.1"):
                request = urllib.request.Request(pages.address + "/healthz", headers={"Host": host})  # noqa: S310
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
                        said[host] = answer.status
                except urllib.error.HTTPError as fault:
                    with fault:
                        said[host] = fault.code
        made.close()
    assert said == {"watch.example.org": 200, "evil.example.org": 400, "127.0.0.1": 400}
