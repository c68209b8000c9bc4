"""What strangers may take of the pages: few connections, and none for long."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import contextmanager
from threading import Event
from time import monotonic

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ketenwacht.web.server import BoundedProtocol, PageServer

pytestmark = pytest.mark.integration

LONG = b"x" * 30_000_000  # more than any socket buffers


class Hasty(BoundedProtocol):
    most = 20
    request_seconds = 2.0
    answer_seconds = 4.0


async def short(_):
    return PlainTextResponse("here")


async def long(_):
    return PlainTextResponse(LONG)


@pytest.fixture
def port():
    app = Starlette(routes=[Route("/", short), Route("/long", long)])
    with PageServer(app, host="127.0.0.1", port=0, protocol=Hasty) as pages:
        yield int(pages.address.rpartition(":")[2])


@contextmanager
def connection(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        yield opened


def answer(port):
    with connection(port) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: opened.recv(4096), b""))


def closed_after(opened):
    """Seconds until the other side closes."""
    begin = monotonic()
    try:
        while opened.recv(65536):
            pass
    except ConnectionError:
        pass
    return monotonic() - begin


@pytest.mark.parametrize(
    ("sentence", "sent"),
    [
        ("nothing is sent", b""),
        ("half a head is sent", b"GET / HTTP/1.1\r\nHost: here\r\nX-a: "),
        ("a body is promised and not sent", b"GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nabc"),
    ],
)
def test_a_request_that_does_not_arrive_ends(port, sentence, sent):
    with connection(port) as opened:
        opened.sendall(sent)
        assert 1.0 < closed_after(opened) < 10.0, sentence


def test_a_byte_now_and_then_does_not_buy_time(port):
    with connection(port) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\nX-a: ")
        begin = monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - one of many bytes meets a closed connection
            while monotonic() - begin < 15:
                opened.sendall(b"a")
                Event().wait(0.3)
        assert monotonic() - begin < 12


def test_an_answer_that_nobody_reads_ends(port):
    with connection(port) as opened:
        opened.sendall(b"GET /long HTTP/1.1\r\nHost: here\r\n\r\n")
        Event().wait(7)
        got = 0
        try:
            while piece := opened.recv(1 << 20):
                got += len(piece)
        except ConnectionError:
            pass
        assert got < len(LONG)


def test_a_flood_of_half_requests_leaves_room_for_others(port):
    flood = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    try:
        for one in flood:
            try:
                one.sendall(b"GET / HTTP/1.1\r\nX-a: ")
            except ConnectionError:
                continue
        begin, said = monotonic(), b""
        while b"here" not in said and monotonic() - begin < 15:
            try:
                said = answer(port)
            except ConnectionError:
                Event().wait(0.1)
        assert said.startswith(b"HTTP/1.1 200"), "those that came first gave way after their deadline"
    finally:
        for one in flood:
            one.close()


_LIMITED = """
import resource, sys, threading
resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))
from starlette.applications import Starlette
from ketenwacht.web.server import PageServer
faults = []
with PageServer(Starlette(), host="127.0.0.1", port=0, on_fault=lambda *fault: faults.append(fault)) as pages:
    print(pages.address.rpartition(":")[2], flush=True)
    sys.stdin.readline()
    for _ in range(100):
        open("/dev/null").close()  # the work goes on reading files
print(len(faults), flush=True)
"""


def test_a_flood_leaves_file_descriptors_for_the_work_and_prints_nothing():
    with subprocess.Popen(
        [sys.executable, "-c", _LIMITED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        number = int(server.stdout.readline())
        flood = []
        for _ in range(900):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", number))
            flood.append(one)
        Event().wait(2)
        said, errors = server.communicate(b"\n", timeout=30)
        for one in flood:
            one.close()
    assert (server.returncode, said.strip(), errors) == (0, b"0", b"")


def test_requests_that_are_none_are_logged_without_their_text_and_printed_nowhere(capfd):
    faults = []
    with PageServer(Starlette(), host="127.0.0.1", port=0, on_fault=lambda *fault: faults.append(fault)) as pages:
        number = int(pages.address.rpartition(":")[2])
        for _ in range(5):
            with connection(number) as opened:
                opened.sendall(b"123456782 is no method\r\n\r\n")
                closed_after(opened)
    assert len(faults) == 5
    assert "123456782" not in str(faults)
    assert capfd.readouterr().err == ""


def test_a_page_that_breaks_is_logged_with_its_place(capfd):
    def broken(_):
        raise ValueError("123456782")

    faults = []
    app = Starlette(routes=[Route("/", broken)])
    with PageServer(app, host="127.0.0.1", port=0, on_fault=lambda *fault: faults.append(fault)) as pages:
        assert answer(int(pages.address.rpartition(":")[2])).startswith(b"HTTP/1.1 500")
    assert [fault for fault, _ in faults] == ["ValueError"]
    assert faults[0][1].startswith("test_server.py:")
    assert capfd.readouterr().err == ""


def test_a_connection_is_used_again(port):
    with connection(port) as opened:
        for _ in range(3):
            opened.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            said = b""
            while b"here" not in said:
                said += opened.recv(4096)
            Event().wait(0.5)
