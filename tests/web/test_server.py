"""What strangers may take of the pages: few connections, and none for long."""

from __future__ import annotations

import socket
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


def test_a_connection_is_used_again(port):
    with connection(port) as opened:
        for _ in range(3):
            opened.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            said = b""
            while b"here" not in said:
                said += opened.recv(4096)
            Event().wait(0.5)
