"""The log: a storm of lines that are alike becomes a few lines and their number; no line holds a secret."""

from __future__ import annotations

import io
import json

from ketenwacht.service.signals import BURST, INTERVAL, Log


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_storm_is_a_few_lines_and_then_a_number():
    stream, now = io.StringIO(), [0.0]
    log = Log(stream, seconds=lambda: now[0])
    for _ in range(10_000):
        log.say("accept", "pages", "failed", fault="OSError")
    assert len(lines(stream)) == BURST
    log.say("accept", "pages", "failed", fault="ValueError")
    assert len(lines(stream)) == BURST + 1, "another class of fault is another line"
    now[0] = INTERVAL
    log.say("judge", "feed/1", "passed")
    counted, last = lines(stream)[-2:]
    assert (counted["action"], counted["fault"], counted["repeated"]) == ("accept", "OSError", 10_000 - BURST)
    assert last["object"] == "feed/1"


def test_no_line_holds_a_secret():
    stream = io.StringIO()
    Log(stream).say("read", "x", "failed", message="postgresql://app:hunter2@db/x")
    assert "hunter2" not in stream.getvalue()
