"""The pages over real HTTP, on a history with incidents in it."""

import io
import json
import math
import re
import urllib.error
import urllib.request
from html.parser import HTMLParser

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.web.metrics import HELP
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration


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
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None)
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
    return max(service.history.findings.find("ind-duo"), key=lambda i: i.missing.value if i.missing else 0)


def paths(service):
    return ["/", "/feeds/ind-duo", "/incidents", "/incidents?all=1", f"/incidents/{incident_of(service).id}"]


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
        assert policy.startswith("default-src 'none'; style-src 'self' 'sha256-"), path
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


def test_the_feeds_say_their_verdict_and_who_is_missing(service, get):
    _, _, body = get("/")
    assert "Potentially obliged persons" in body
    assert 'class="status failed"' in body
    assert "Estimated missing persons" in body


def test_an_incident_says_what_to_do_and_what_happened(service, get):
    incident = incident_of(service)
    _, _, body = get(f"/incidents/{incident.id}")
    assert "What to do." in body
    assert "opened" in body
    assert incident.fingerprint.segment.pairs[0][1] in body
    assert "What it means" in body
    assert "by gemeentecode" in body
    assert "integration plan (70 days): begins on delivery for" in body


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


def test_one_number_of_missing_persons_on_every_page(get):
    said = re.search(r"(?:About ([\d,]+)|Fewer than 10) persons are missing", get("/feeds/ind-duo")[2])[1]
    shown = "&lt;10" if said is None else f"about {said}"
    assert f'<tr><th scope="row">whole feed</th><td class="n">{shown}</td></tr>' in get("/")[2]
    measured = missing_metric(get)["whole feed"]
    assert math.isnan(measured) if said is None else measured == int(said.replace(",", ""))


@pytest.mark.parametrize("limit", [5000])
def test_the_limit_that_is_configured_governs_pages_and_metrics(service, get, limit):
    assert limit == service.project.settings.alerts.small_count
    assert "Fewer than 5,000 persons are missing" in get("/feeds/ind-duo")[2]
    assert all(math.isnan(value) for value in missing_metric(get).values())
    for path in paths(service):
        assert not re.search(r"about [\d,]+(?![\d,]| days?\b)", get(path)[2]), path


@pytest.mark.parametrize(
    ("asked", "language"),
    [("nl-NL,nl;q=0.9,en;q=0.8", "nl"), ("de, nl;q=0.5, en;q=0.4", "nl"), ("en-GB, nl;q=0.8", "en"), ("fr", "en")],
)
def test_a_page_speaks_the_language_that_its_browser_prefers(service, get, asked, language):
    words = {"nl": ("Stromen", "Incidenten"), "en": ("Feeds", "Incidents")}
    for path in paths(service):
        _, headers, body = get(path, accept_language=asked)
        assert f'<html lang="{language}">' in body, path
        assert headers["vary"] == "accept-language"
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
