"""How errors of ours become symptoms, and what a schedule says of silence."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ketenwacht.errors import ConfigError, DeliveryError, NotifyError, StoreError
from ketenwacht.sources.folder import FolderReader
from ketenwacht.workflows.doctor import check_secret_files, examine
from ketenwacht.workflows.doctor_history import SymptomLevel, symptom_of

ERRORS = [
    (
        "a setting is misconfigured, with its remedy",
        ConfigError("a", "b", "c"),
        SymptomLevel.MISCONFIGURED,
        "a: b",
        "c",
    ),
    ("a history is unreachable", StoreError("gone — start it"), SymptomLevel.UNREACHABLE, "gone", "start it"),
    ("a folder is unreachable", DeliveryError("gone"), SymptomLevel.UNREACHABLE, "gone", ""),
    ("a refused token is misconfigured", NotifyError("no", permanent=True), SymptomLevel.MISCONFIGURED, "no", ""),
    ("a slow server is unreachable", NotifyError("slow", permanent=False), SymptomLevel.UNREACHABLE, "slow", ""),
]


@pytest.mark.parametrize(("sentence", "error", "trouble", "said", "mend"), ERRORS, ids=[e[0] for e in ERRORS])
def test_of_error(sentence, error, trouble, said, mend):
    found = symptom_of("thing", error)
    assert (found.subject, found.trouble, found.text, found.mend) == ("thing", trouble, said, mend)


SILENCES = [
    (
        "in the grace of the next delivery nothing is overdue",
        datetime(2022, 1, 18, 9, tzinfo=UTC),
        SymptomLevel.FINE,
        "nothing is overdue",
    ),
    ("after it one is", datetime(2022, 1, 18, 12, tzinfo=UTC), SymptomLevel.WARNING, "overdue: 1 delivery,"),
    ("a weekend adds none", datetime(2022, 1, 24, 5, tzinfo=UTC), SymptomLevel.WARNING, "overdue: 4 deliveries,"),
    ("after long silence it may be an archive", datetime(2022, 6, 1, tzinfo=UTC), SymptomLevel.WARNING, "overdue"),
]


@pytest.mark.integration
@pytest.mark.parametrize(("sentence", "at", "trouble", "said"), SILENCES, ids=[s[0] for s in SILENCES])
def test_schedule(place, sentence, at, trouble, said):
    (found,) = [
        s
        for s in examine(place.root / "config.yaml", overrides=("feeds.ind-duo.suites=[]",), at=at)
        if s.subject == "ind-duo schedule"
    ]
    assert (found.trouble, said in found.text) == (trouble, True)
    assert ("archive" in found.mend) == (at.month == 6)


@pytest.mark.integration
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells what a thread does")
def test_a_folder_that_hangs_is_one_symptom_and_everything_else_is_examined(place, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "hung")  # nobody writes to it, as on a mount whose server is gone
    monkeypatch.setattr(FolderReader, "find", lambda *_args, **_options: (tmp_path / "hung").read_bytes())
    overrides = ("feeds.ind-duo.suites=[]", "service.listing=1s")
    found = {
        one.subject: one for one in examine(place.root / "config.yaml", overrides=overrides, at=SILENCES[0][1])
    }
    hung = found["ind-duo source"]
    assert (hung.trouble, "stood still for 1 second" in hung.text) == (SymptomLevel.UNREACHABLE, True)
    assert {"history", "outbox"} <= found.keys()
    os.close(os.open(tmp_path / "hung", os.O_WRONLY | os.O_NONBLOCK))  # the thread that was left behind ends


@pytest.mark.integration
def test_thresholds_are_said_to_be_the_feeds_own_or_pinned(place):
    asked = {"overrides": ("feeds.ind-duo.suites=[]",), "at": datetime(2022, 1, 18, tzinfo=UTC)}

    def thresholds(place):
        found = examine(place.root / "config.yaml", **asked)
        return next(s for s in found if s.subject == "ind-duo thresholds")

    found = thresholds(place)
    assert found.trouble is SymptomLevel.FINE
    assert found.text == "volume, ratio: threshold and slack follow from the feed's own forecast errors"
    checks = place.root / "checks/ind_duo.yaml"
    text = checks.read_text()
    for kind in ("volume", "ratio"):
        text = text.replace(f"  - kind: {kind} ", f"  - threshold: 12.5\n    kind: {kind} ")
    checks.write_text(text)
    assert thresholds(place).text == "volume, ratio: pinned"


def test_a_configuration_that_is_not_there_is_the_only_symptom(tmp_path):
    (only,) = examine(tmp_path / "config.yaml", at=datetime(2024, 1, 1, tzinfo=UTC))
    assert only.trouble is SymptomLevel.MISCONFIGURED


@pytest.mark.parametrize(
    ("mode", "trouble"), [(0o600, None), (0o640, SymptomLevel.WARNING), (0o604, SymptomLevel.MISCONFIGURED)]
)
def test_a_key_file_that_others_can_read_is_refused(tmp_path, monkeypatch, mode, trouble):
    file = tmp_path / "keys"
    file.write_text("k1:" + "0123456789abcdef" * 4)
    file.chmod(mode)
    monkeypatch.setenv("KETENWACHT_KEYS_FILE", str(file))
    assert [one.trouble for one in check_secret_files()] == ([] if trouble is None else [trouble])
