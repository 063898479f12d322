"""Nobody holds a door open by being slow."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.clock import SystemClock
from hub.errors import ConfigError
from hub.runtime.doors import Address, HttpDoor, Punctual

CLOCK = SystemClock()
HEAD = b"GET / HTTP/1.1\r\nhost: h\r\n"


class Impatient(Punctual):
    """Waits only a moment."""

    head_s = 0.2


async def answer(request: Request) -> Response:
    body = await request.body()
    return Response(str(len(body)) if body else "well")


async def who(request: Request) -> Response:
    return Response(request.client.host if request.client else "")


@pytest.fixture
def door() -> Iterator[HttpDoor]:
    """Return an open door."""
    made = HttpDoor(Starlette(routes=[Route("/", answer), Route("/who", who)]), Address("127.0.0.1", 0), CLOCK, Impatient)
    made.start()
    yield made
    made.close()
    made.join(5)


def call(door: HttpDoor, *parts: bytes) -> bytes:
    """Say something and listen until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", door.port), timeout=20) as line:
        said = b""
        for part in parts:
            line.sendall(part)
        while chunk := line.recv(4096):
            said += chunk
        return said


@pytest.mark.parametrize("parts", [(), (b"GET /",), (HEAD, b"x-more: ")], ids=["silent", "half a line", "half a head"])
def test_door_hangs_up_when_a_head_does_not_come(door: HttpDoor, parts: tuple[bytes, ...]) -> None:
    assert call(door, *parts) == b""


@pytest.mark.parametrize("begun", [HEAD, HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"], ids=["head", "trailer"])
def test_door_hangs_up_when_a_header_never_ends(begun: bytes) -> None:
    made = HttpDoor(Starlette(routes=[Route("/", answer)]), Address("127.0.0.1", 0), CLOCK)
    made.start()
    with socket.create_connection(("127.0.0.1", made.port), timeout=20) as line:
        line.sendall(begun + b"x-more: ")
        with pytest.raises(OSError, match=r"reset|pipe"):
            line.sendall(b"a" * (128 << 20))  # far more than fits between the two
    made.close()
    made.join(5)


def test_door_lets_a_body_of_many_parts_through(door: HttpDoor) -> None:
    parts = b"".join(b"400\r\n" + b"a" * 1024 + b"\r\n" for _ in range(4_096))
    said = call(door, HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n", parts, b"0\r\n\r\n")
    assert said.endswith(b"4194304")


def test_door_answers_then_hangs_up_when_a_second_head_does_not_come(door: HttpDoor) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=20) as line:
        line.sendall(HEAD + b"\r\n")
        said = b""
        while not said.endswith(b"well"):
            said += line.recv(4096)
        line.sendall(HEAD)
        begun = CLOCK.elapsed()
        assert line.recv(4096) == b""
    assert CLOCK.elapsed() - begun < 4  # uvicorn's own patience is 5 s, and ends with the first byte
    assert said.startswith(b"HTTP/1.1 200 OK")
    assert b"server:" not in said


def test_door_names_what_to_change_when_its_port_is_taken(door: HttpDoor) -> None:
    with pytest.raises(ConfigError) as caught:
        HttpDoor(Starlette(), Address("127.0.0.1", door.port, "monitor: port:"), CLOCK)
    assert "Choose another `monitor: port:`" in str(caught.value)


def test_door_names_who_is_connected_when_he_says_that_he_is_another(door: HttpDoor) -> None:
    said = call(door, b"GET /who HTTP/1.1\r\nhost: h\r\nconnection: close\r\nx-forwarded-for: 6.6.6.6\r\n\r\n")
    assert said.endswith(b"\r\n\r\n127.0.0.1")
