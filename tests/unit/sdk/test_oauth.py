"""Tokens that are fetched with client credentials."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import httpx
import pytest

from hub.errors import AuthFailed, Unavailable
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from hub.sdk.oauth import ClientCredentials
from tests.unit.clocks import StillClock


class Server:
    """Gives tokens 1, 2, ...; accepts only the newest one while `alive`."""

    def __init__(self, *, answer: httpx.Response | None = None) -> None:
        self.given = 0
        self.bodies: list[dict[str, str]] = []
        self.answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        self.given += 1
        return self.answer or httpx.Response(200, json={"access_token": f"t{self.given}", "token_type": "bearer"})


def _credentials(server: Server) -> ClientCredentials:
    clock = StillClock()
    bucket = Bucket(clock, capacity=100, per_s=100)
    http = HttpxHttp("https://desk.test", transport=httpx.MockTransport(server), clock=clock, bucket=bucket)
    return ClientCredentials(http, "/oauth/tokens", client_id="hub", client_secret="s3", scope="read write")


def _only(good: str) -> Callable[[str], str]:
    def call(token: str) -> str:
        if token != good:
            raise AuthFailed("no")
        return token

    return call


def _expired_once_all_have_it(meet: threading.Barrier) -> Callable[[str], str]:
    def call(token: str) -> str:
        if token == "t1":
            meet.wait(5)
            raise AuthFailed("expired")
        return token

    return call


def test_use_fetches_one_token_when_called_twice() -> None:
    server = Server()
    credentials = _credentials(server)
    assert [credentials.use(lambda token: token) for _ in range(2)] == ["t1", "t1"]
    assert server.bodies == [
        {"grant_type": "client_credentials", "scope": "read write", "client_id": "hub", "client_secret": "s3"},
    ]


def test_use_renews_token_when_it_is_no_longer_accepted() -> None:
    server = Server()
    credentials = _credentials(server)
    credentials.use(lambda token: token)
    assert credentials.use(_only("t2")) == "t2"
    assert server.given == 2


def test_use_fails_when_a_new_token_is_not_accepted_either() -> None:
    server = Server()
    with pytest.raises(AuthFailed):
        _credentials(server).use(_only("never"))
    assert server.given == 2


def test_use_renews_once_when_many_find_the_token_expired() -> None:
    server = Server()
    credentials = _credentials(server)
    credentials.use(lambda token: token)
    call = _expired_once_all_have_it(threading.Barrier(4))
    threads = [threading.Thread(target=credentials.use, args=(call,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert server.given == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"error": "invalid_client"}), AuthFailed),
        (httpx.Response(401, json={}), AuthFailed),
        (httpx.Response(200, json={"token": "x"}), AuthFailed),
        (httpx.Response(200, json=[1]), AuthFailed),
        (httpx.Response(503), Unavailable),
    ],
)
def test_use_raises_the_right_error_when_no_token_is_given(answer: httpx.Response, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        _credentials(Server(answer=answer)).use(lambda token: token)
    assert "s3" not in str(caught.value)
