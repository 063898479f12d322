"""One table from what happened on the wire to what the hub does next."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest

from hub.errors import ApiRetired, AuthFailed, BadPayload, HubError, PermissionMissing, RateLimited, TimedOut, Unavailable
from hub.sdk.base import Reply
from hub.sdk.http import HttpxHttp, Patience, template
from hub.sdk.limits import Bucket, first_load
from tests.unit.clocks import StillClock

OK = httpx.Response(200, json={"id": 1})
SECRET = "tok-SECRET-1"
Step = httpx.Response | Exception


class Wire:
    """Answers one step after the other; the last one for ever."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        step = self.steps[min(len(self.seen), len(self.steps)) - 1]
        return _answer(step)


def _answer(step: Step) -> httpx.Response:
    match step:
        case Exception():
            raise step
        case _:
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)


def _http(wire: Callable[[httpx.Request], httpx.Response], clock: StillClock, **more: object) -> HttpxHttp:
    bucket = Bucket(clock, capacity=100, per_s=100)
    return HttpxHttp(
        "http://shop.test/api",
        transport=httpx.MockTransport(wire),
        clock=clock,
        bucket=bucket,
        connection="shop",
        headers={"authorization": f"Bearer {SECRET}"},
        **more,  # type: ignore[arg-type]
    )


def test_send_returns_parsed_reply_when_answer_is_json() -> None:
    wire = Wire(httpx.Response(200, json={"id": 7}, headers={"X-Page": "2"}))
    reply = _http(wire, StillClock()).send("POST", "/things", json={"a": 1}, params={"q": "x y"}, safe=True)
    assert (reply.status, reply.body, reply.headers["x-page"]) == (200, {"id": 7}, "2")
    sent = wire.seen[0]
    assert (str(sent.url), sent.content, sent.headers["content-type"]) == (
        "http://shop.test/api/things?q=x+y",
        b'{"a":1}',
        "application/json",
    )
    assert sent.headers["authorization"] == f"Bearer {SECRET}"


def test_send_returns_none_body_when_answer_is_empty() -> None:
    assert _http(Wire(httpx.Response(204)), StillClock()).send("DELETE", "/things/1", safe=False).body is None


@pytest.mark.parametrize("status", [400, 404, 409, 410, 412, 422])
def test_send_returns_reply_when_status_is_an_answer(status: int) -> None:
    for safe in (True, False):
        wire = Wire(httpx.Response(status, json={}))
        assert _http(wire, StillClock()).send("GET", "/a", safe=safe).status == status
        assert len(wire.seen) == 1


# what happened, error of a read, requests of a read, error of a write
TABLE: list[tuple[Step, type[HubError], int, type[HubError]]] = [
    (httpx.Response(401, json={}), AuthFailed, 1, AuthFailed),
    (httpx.Response(403, json={}), PermissionMissing, 1, PermissionMissing),
    (httpx.Response(408), Unavailable, 5, TimedOut),
    (httpx.Response(425), Unavailable, 5, Unavailable),
    (httpx.Response(500), Unavailable, 5, TimedOut),
    (httpx.Response(502), Unavailable, 5, TimedOut),
    (httpx.Response(503), Unavailable, 5, TimedOut),
    (httpx.Response(503, headers={"retry-after": "1"}), Unavailable, 5, Unavailable),
    (httpx.ConnectError("x"), Unavailable, 5, Unavailable),
    (httpx.ConnectTimeout("x"), Unavailable, 5, Unavailable),
    (httpx.PoolTimeout("x"), Unavailable, 5, Unavailable),
    (httpx.ReadTimeout("x"), TimedOut, 5, TimedOut),
    (httpx.WriteError("x"), TimedOut, 5, TimedOut),
    (httpx.ReadError("x"), TimedOut, 5, TimedOut),
    (httpx.RemoteProtocolError("x"), TimedOut, 5, TimedOut),
    (httpx.LocalProtocolError("x"), AuthFailed, 1, AuthFailed),
    (httpx.Response(200, text="<html>"), BadPayload, 1, TimedOut),
    (httpx.Response(404, text="<html>"), BadPayload, 1, BadPayload),
    (httpx.Response(200, content=b"\xff\xfe"), BadPayload, 1, TimedOut),
    (httpx.Response(301, headers={"location": "http://evil.test/"}), ApiRetired, 1, ApiRetired),
    (httpx.Response(302, headers={"location": "https://shop.test/api/a"}), ApiRetired, 1, ApiRetired),
    (httpx.Response(302, headers={"location": "/again"}), ApiRetired, 4, ApiRetired),
]


@pytest.mark.parametrize(("step", "error", "requests", "_"), TABLE)
def test_send_raises_by_table_when_reading(step: Step, error: type[HubError], requests: int, _: type[HubError]) -> None:
    wire = Wire(step)
    with pytest.raises(HubError) as caught:
        _http(wire, StillClock()).send("GET", "/a", safe=True)
    assert (type(caught.value), len(wire.seen)) == (error, requests)


@pytest.mark.parametrize(("step", "_", "__", "error"), TABLE)
def test_send_raises_by_table_and_never_retries_when_writing(
    step: Step, _: type[HubError], __: int, error: type[HubError]
) -> None:
    wire = Wire(step)
    with pytest.raises(HubError) as caught:
        _http(wire, StillClock()).send("POST", "/a", safe=False)
    assert (type(caught.value), len(wire.seen)) == (error, 1)


def test_send_backs_off_with_jitter_when_a_read_keeps_failing() -> None:
    clock = StillClock()
    wire = Wire(httpx.Response(500), httpx.ConnectError("x"), httpx.ReadTimeout("x"), OK)
    assert _http(wire, clock).send("GET", "/a", safe=True).status == 200
    assert clock.slept == [0.375, 0.75, 1.5]


def test_send_waits_out_the_limit_when_reading() -> None:
    clock = StillClock()
    limited = httpx.Response(429, headers={"retry-after": "3"})
    wire = Wire(*[limited] * 7, OK)
    assert _http(wire, clock).send("GET", "/a", safe=True).status == 200
    assert 21.0 <= sum(clock.slept) <= 22.0


def test_send_raises_rate_limited_when_a_read_would_wait_too_long() -> None:
    wire = Wire(httpx.Response(429, headers={"retry-after": "61"}))
    clock = StillClock()
    with pytest.raises(RateLimited) as caught:
        _http(wire, clock).send("GET", "/a", safe=True)
    assert (caught.value.wait_s, clock.slept, len(wire.seen)) == (61.0, [], 1)


def test_send_notes_the_limit_for_all_work_when_writing() -> None:
    clock = StillClock()
    wire = Wire(httpx.Response(429, headers={"retry-after": "Tue, 14 Nov 2023 22:13:25 GMT"}), OK)
    http = _http(wire, clock)
    with pytest.raises(RateLimited) as caught:
        http.send("POST", "/a", safe=False)
    assert (caught.value.wait_s, clock.slept) == (5.0, [])
    http.send("GET", "/a", safe=True)
    assert clock.slept == [5.0]


@pytest.mark.parametrize(
    ("said", "wait_s"), [("2.0", 2.0), ("-5", 0.0), ("1e9", 3600.0), ("nan", 2.0), ("soon", 2.0), (None, 2.0)]
)
def test_send_reads_retry_after_when_limited(said: str | None, wait_s: float) -> None:
    headers = {"retry-after": said} if said is not None else {}
    with pytest.raises(RateLimited) as caught:
        _http(Wire(httpx.Response(429, headers=headers)), StillClock()).send("POST", "/a", safe=False)
    assert caught.value.wait_s == wait_s


@pytest.mark.parametrize(
    ("body", "wait_s"), [('{"policy": "daily"}', 900.0), ('{"policy": "other"}', 2.0), ("<html>", 2.0), ("", 2.0)]
)
def test_send_waits_as_long_as_the_body_of_a_429_says_when_somebody_can_read_it(body: str, wait_s: float) -> None:
    def read(reply: Reply) -> float | None:
        return 900.0 if reply.body == {"policy": "daily"} else None

    with pytest.raises(RateLimited) as caught:
        _http(Wire(httpx.Response(429, text=body)), StillClock()).send("POST", "/a", safe=False, limit_wait=read)
    assert caught.value.wait_s == wait_s


def test_send_believes_retry_after_before_the_body() -> None:
    with pytest.raises(RateLimited) as caught:
        _http(Wire(httpx.Response(429, headers={"retry-after": "3"})), StillClock()).send(
            "POST", "/a", safe=False, limit_wait=lambda _: 900.0
        )
    assert caught.value.wait_s == 3.0


def test_send_follows_redirect_when_it_stays_on_the_origin() -> None:
    wire = Wire(httpx.Response(302, headers={"location": "/api/b"}), OK)
    assert _http(wire, StillClock()).send("GET", "/a", safe=True).body == {"id": 1}
    assert str(wire.seen[1].url) == "http://shop.test/api/b"


def test_send_refuses_before_sending_when_next_link_points_elsewhere() -> None:
    wire = Wire(OK)
    http = _http(wire, StillClock())
    for url in ("http://evil.test/api/a", "https://shop.test/api/a"):
        with pytest.raises(ApiRetired):
            http.send("GET", url, safe=True)
    assert wire.seen == []
    assert http.send("GET", "http://shop.test/api/a?page=2", safe=True).status == 200


def test_send_raises_bad_payload_when_answer_is_too_large() -> None:
    wire = Wire(httpx.Response(200, json=["x" * 1000]))
    with pytest.raises(BadPayload):
        _http(wire, StillClock(), longest_body_bytes=100).send("GET", "/a", safe=True)


def test_send_gives_up_when_answer_drips() -> None:
    clock = StillClock()

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                clock.at += 2_000_000
                yield b" "

    with pytest.raises(TimedOut):
        _http(lambda _: httpx.Response(200, stream=Drip()), clock).send("POST", "/a", safe=False)
    assert clock.at < 1_700_000_130 * 1_000_000


def test_send_keeps_no_cookie_when_server_sets_one() -> None:
    wire = Wire(httpx.Response(200, json={}, headers={"set-cookie": "a=b"}))
    http = _http(wire, StillClock())
    http.send("GET", "/a", safe=True)
    http.send("GET", "/a", safe=True)
    assert "cookie" not in wire.seen[1].headers


@pytest.mark.parametrize("step", [row[0] for row in TABLE] + [httpx.Response(429, text=SECRET), httpx.ReadError(SECRET)])
def test_send_leaks_nothing_when_it_raises(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    http = _http(Wire(step), StillClock(), patience=Patience(tries=2, limited_s=3))
    with pytest.raises(HubError) as caught:
        http.send(
            "GET", "/customers/4711/anna@example.com", params={"email": "anna@example.com"}, headers={"x": SECRET}, safe=True
        )
    text = "".join(traceback.format_exception(caught.value)).partition("hub.errors.")[2] + "".join(capsys.readouterr())
    assert "GET /customers/{}/{}" in text
    for leaked in (SECRET, "anna", "4711", "evil"):
        assert leaked not in text


def test_send_says_what_to_look_for_when_a_credential_cannot_be_sent() -> None:
    with pytest.raises(AuthFailed, match="line break"):
        _http(Wire(httpx.LocalProtocolError(SECRET)), StillClock()).send("GET", "/a", safe=True)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v2/customers/ABC123", "/v2/customers/{}"),
        ("/admin/api/2026-10/graphql.json?x=secret", "/admin/api/2026-10/graphql.json"),
        ("http://host.test/v2/anna@example.com", "/v2/{}"),
    ],
)
def test_template_keeps_plain_words_only(path: str, shown: str) -> None:
    assert template(path) == shown


@pytest.mark.parametrize("safe", [True, False])
def test_send_holds_all_work_back_when_a_busy_server_says_how_long(safe: bool) -> None:  # noqa: FBT001 - a parametrised value
    clock = StillClock()
    http = _http(Wire(httpx.Response(503, headers={"retry-after": "7"}), OK), clock, patience=Patience(tries=1))
    with pytest.raises(Unavailable):
        http.send("GET", "/a", safe=safe)
    http.send("GET", "/a", safe=True)
    assert clock.slept == [7.0]


def test_send_raises_bad_payload_when_compression_is_broken() -> None:
    broken = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    with pytest.raises(BadPayload):
        _http(lambda _: broken, StillClock()).send("GET", "/a", safe=True)


def test_send_takes_its_cost_with_its_priority_from_the_shared_bucket() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=10, per_s=1)
    transport = httpx.MockTransport(Wire(OK))
    http = HttpxHttp("http://a.test", transport=transport, clock=clock, bucket=bucket)
    http.send("GET", "/a", safe=True, cost=7)
    with first_load():
        http.send("GET", "/a", safe=True, cost=1)
        assert clock.slept == []
        http.send("GET", "/a", safe=True, cost=1)
    assert clock.slept == [pytest.approx(1.0)]


def test_send_waits_only_so_long_for_connection_and_answer() -> None:
    wire = Wire(OK)
    _http(wire, StillClock()).send("GET", "/a", safe=True)
    assert wire.seen[0].extensions["timeout"] == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}


def test_send_waits_for_a_quota_when_requests_name_it() -> None:
    clock = StillClock()
    http = _http(Wire(OK), clock, quotas={"exports": Bucket(clock, capacity=2, per_s=0.5)})
    for _ in range(3):
        http.send("GET", "/a", safe=True, quota="exports")
    assert clock.slept == [2.0]
    http.send("GET", "/a", safe=True)
    http.send("GET", "/a", safe=True, quota="nobody declared it")
    assert clock.slept == [2.0]


def test_send_closes_the_quota_alone_when_its_requests_are_limited() -> None:
    clock = StillClock()
    http = _http(Wire(httpx.Response(429, headers={"retry-after": "30"}), OK), clock, quotas={"q": Bucket(clock)})
    with pytest.raises(RateLimited):
        http.send("POST", "/a", safe=False, quota="q")
    http.send("GET", "/a", safe=True)
    assert clock.slept == []
    http.send("GET", "/a", safe=True, quota="q")
    assert clock.slept == [30.0]


def test_limit_tells_the_quota_when_one_is_named() -> None:
    clock = StillClock()
    http = _http(Wire(OK), clock, quotas={"q": Bucket(clock, capacity=9, per_s=9)})
    http.limit(available=0, capacity=10, per_s=0.25, quota="q")
    http.limit(available=0, capacity=10, per_s=0.25, quota="nobody declared it")
    http.send("GET", "/a", safe=True)
    assert clock.slept == []
    http.send("GET", "/a", safe=True, quota="q")
    assert clock.slept == [4.0]
