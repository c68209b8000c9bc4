"""Files that are named and are no files: a pipe nobody writes, a device without end. Nothing waits for them."""

import os
import threading
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from tiny_feed import tiny_feed

from ketenwacht.cli.root import run
from ketenwacht.document_limits import read_secret
from ketenwacht.errors import AuditError
from ketenwacht.store.audit_heads import Head, HeadFile
from ketenwacht.workflows import clock

KEY = "k1:8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
PIPE = "pipe"
SLACK = 'alerts.routes=[{slack: {channel: C1, token: "${TOK}"}}]'
CASES = [
    ("the checks of a feed", {}, "feeds.tiny.checks={}"),
    ("a suite", {}, "feeds.tiny.suites=[{}]"),
    ("a contract", {}, "feeds.tiny.contract={}"),
    ("the history", {}, "history=sqlite:///{}"),
    ("the file of heads", {}, "history_head_file={}"),
    ("the file of a token", {"TOK_FILE": "{}"}, SLACK),
    ("the file of the audit keys", {"KETENWACHT_AUDIT_KEYS_FILE": "{}"}, "service.tick=1s"),
    ("the file of the pseudonym keys", {"KETENWACHT_KEYS_FILE": "{}"}, "service.tick=1s"),
]
HARMLESS = {"the file of the pseudonym keys", "the file of heads"}
"""Nothing of them is needed to judge: `check` warns, or does not read them at all."""
SECONDS = 30


@pytest.fixture
def tiny(tmp_path):
    made = tiny_feed(tmp_path / "feed")
    made.deliver((clock.now() - timedelta(days=1)).date(), arrived=clock.now() - timedelta(days=1))
    os.mkfifo(made.root / PIPE)
    return made


@pytest.mark.integration
@pytest.mark.parametrize("device", [PIPE, "/dev/zero"])
@pytest.mark.parametrize("command", ["lint", "check", "doctor"])
@pytest.mark.parametrize(("sentence", "variables", "setting"), CASES, ids=[one[0] for one in CASES])
def test_a_command_does_not_wait_for_a_pipe_or_device(
    tiny, monkeypatch, capsys, command, device, sentence, variables, setting
):
    path = device if device.startswith("/") else str(tiny.root / device)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(path))
    begin = monotonic()
    setting = setting if "TOK" in setting else setting.format(path)
    code = run(["-c", str(tiny.root / "config.yaml"), "--set", setting, command])
    said = capsys.readouterr()
    assert monotonic() - begin < SECONDS
    assert code in {0, 1, 2, 3, 4}, sentence
    assert "Traceback" not in said.out + said.err
    if command == "check" and sentence not in HARMLESS:
        assert code in {2, 3}, "nothing is judged by what could not be read"


def test_a_secret_may_come_through_a_pipe_that_is_closed_in_time(tmp_path):
    path = tmp_path / PIPE
    os.mkfifo(path)

    def write() -> None:
        with path.open("w") as file:
            file.write(KEY[:20])
            file.flush()
            file.write(KEY[20:])

    writer = threading.Thread(target=write)
    writer.start()
    assert read_secret(path) == KEY
    writer.join()


@pytest.mark.parametrize("path", [PIPE, "/dev/zero", "."], ids=["a pipe", "a device", "a folder"])
def test_what_is_no_file_of_a_secret_is_refused_in_time(tmp_path, path):
    os.mkfifo(tmp_path / PIPE)
    with pytest.raises(OSError, match=r"nobody writes|no regular file|directory"):
        read_secret(tmp_path / path, seconds=0.2)


@pytest.mark.parametrize("path", [PIPE, "/dev/zero"])
def test_heads_are_neither_read_from_nor_written_to_a_pipe_or_device(tmp_path, path):
    os.mkfifo(tmp_path / PIPE)
    heads = HeadFile(tmp_path / Path(path))
    for attempt in (heads.read, heads.read_last):
        with pytest.raises(AuditError, match="cannot be read"):
            attempt()
    if path == PIPE:
        with pytest.raises(AuditError, match="cannot be written"):
            heads.append(Head(1, "0" * 16), clock.now())
