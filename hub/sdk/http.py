"""HTTP as every connector gets it: one table from status to error, retry for reads, the connection's limit, nothing leaked.

In: method, path, JSON. Out: a `Reply`, or one of the errors below. Keeps Invariant 14: an error or a log line names the method
and the path template, never a header, a body, a query value or what a library said about them.

| what happened                                     | read                          | write                             |
|---------------------------------------------------|-------------------------------|-----------------------------------|
| below 500, none of those below                    | Reply                         | Reply                             |
| 401 / 403                                         | AuthFailed / PermissionMissing| the same                          |
| 429 (Retry-After, or what `limit_wait` reads)     | waited out, then RateLimited  | RateLimited, noted in the bucket  |
| 503 with Retry-After, 425                         | retried, then Unavailable     | Unavailable: nothing was done     |
| any other 5xx, 408                                | retried, then Unavailable     | TimedOut: the effect is unknown   |
| no connection                                     | retried, then Unavailable     | Unavailable: nothing was sent     |
| no answer, or broken off after sending            | retried, then TimedOut        | TimedOut                          |
| an answer that is not JSON, or too large          | BadPayload                    | TimedOut if it was a success      |
| a redirect within the same origin                 | followed, up to 3             | ApiRetired                        |
| a redirect to any other origin                    | ApiRetired                    | ApiRetired                        |
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from hub.clock import Clock
from hub.errors import ApiRetired, AuthFailed, BadPayload, HubError, PermissionMissing, RateLimited, Retry, TimedOut, Unavailable
from hub.events import Event, log
from hub.meters import METERS, Metric
from hub.model.values import SECOND
from hub.sdk.base import Http, Reply
from hub.sdk.limits import Bucket, asked_priority
from hub.sdk.patience import Patience as Patience
from hub.traces import TRACES, Step

LimitWait: TypeAlias = Callable[[Reply], float | None]
"""Reads from a 429 how many seconds to wait; None: it does not say."""

_PLAIN_SEGMENT: Final = re.compile(r"[a-z][a-z_-]{0,30}(\.json)?|v\d{1,2}|\d{4}-\d{2}(-\d{2})?")
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_UNSENDABLE: Final = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)
_HOPS: Final = 3
LONGEST_ASKED_S: Final = 3_600.0
"""A server that asks for more is asked again after this: a clock that is wrong there must not close a connection for years."""


@dataclass(slots=True)
class _Exchange:
    """What one request needs besides itself, and what came of its retries."""

    where: str
    safe: bool
    cost: float
    quota: str = ""
    limit_wait: LimitWait | None = None
    failures: int = 0
    limited_s: float = 0.0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class _Raw:
    status: int
    headers: Mapping[str, str]
    body: bytes | None
    """None: unreadable or too large."""


class HttpxHttp(Http):
    """`hub.sdk.base.Http` over httpx. Two of these may share one bucket: one for live work, one for first loads."""

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport,
        clock: Clock,
        bucket: Bucket,
        connection: str = "",
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        longest_body_bytes: int = 32 * 1024 * 1024,
        quotas: Mapping[str, Bucket] | None = None,
    ) -> None:
        self._clock = clock
        self._bucket = bucket
        self._quotas = dict(quotas or {})
        self._connection = connection
        self._patience = patience or Patience()
        self._longest_body_bytes = longest_body_bytes
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            headers={"accept": "application/json", "user-agent": "syncline", **(headers or {})},
            timeout=httpx.Timeout(self._patience.read_s, connect=self._patience.connect_s),
            follow_redirects=False,
            trust_env=False,
        )
        self._origin = _origin(self._client.base_url)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool,
        cost: float = 1.0,
        quota: str = "",
        limit_wait: LimitWait | None = None,
    ) -> Reply:
        """Send one request. `path` is joined to the base URL; a whole URL (a next link) must have the same origin."""
        where = f"{method} {template(path)}"
        exchange = _Exchange(where=where, safe=safe, cost=cost, quota=quota, limit_wait=limit_wait)
        request = self._request(method, path, json, params, headers, exchange)
        try:
            # Invariant 10: a write is never repeated here; the attempt that carries it decides what follows
            return self._patiently(request, exchange) if safe else self._once(request, exchange)
        except HubError as error:
            self._note(Event.HTTP_REQUEST_FAILED, exchange, code=error.code)
            raise

    def limit(self, *, available: float, capacity: float, per_s: float, quota: str = "") -> None:
        """Tell the bucket what the API says of its own limit."""
        bucket = self._quotas.get(quota) if quota else self._bucket
        if bucket is not None:
            bucket.limit(available=available, capacity=capacity, per_s=per_s)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(
        self,
        method: str,
        path: str,
        json: Any,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        exchange: _Exchange,
    ) -> httpx.Request:
        content = None if json is None else orjson.dumps(json)
        extra = dict(headers or {})
        if content is not None:
            extra.setdefault("content-type", "application/json")
        try:
            request = self._client.build_request(method, path, content=content, params=params, headers=extra)
        except (httpx.InvalidURL, ValueError, TypeError):
            request = None
        if request is None:
            raise _unsendable(exchange.where)
        if _origin(request.url) != self._origin:
            raise ApiRetired(f"{exchange.where}: the address is not on the connection's own host.", fix="Check base_url.")
        return request

    def _patiently(self, request: httpx.Request, exchange: _Exchange) -> Reply:
        retrying = Retrying(
            sleep=self._clock.sleep,
            retry=retry_if_exception_type(Retry),
            after=lambda state: self._count(state, exchange),
            stop=lambda _: exchange.failures >= self._patience.tries or exchange.limited_s > self._patience.limited_s,
            wait=lambda state: self._wait_s(state, exchange),
            before_sleep=lambda state: self._note_retry(state, exchange),
            reraise=True,
        )
        return retrying(self._once, request, exchange)

    def _once(self, request: httpx.Request, exchange: _Exchange) -> Reply:
        narrow = self._quotas.get(exchange.quota)
        if narrow is not None:
            narrow.take(exchange.cost, asked_priority())  # first: whoever waits for it holds none of the connection's tokens
        self._bucket.take(exchange.cost, asked_priority())  # Rule 6.31
        raw = self._carry(request, exchange)
        for _ in range(_HOPS):
            if raw.status not in _MOVED:
                break
            request = self._follow(request, raw, exchange)
            raw = self._carry(request, exchange)
        wait_s = self._asked_wait_s(raw, exchange)
        if wait_s is not None and raw.status == 503:
            self._bucket.close(wait_s)
        error = verdict(raw.status, safe=exchange.safe, wait_s=wait_s, where=exchange.where)
        if isinstance(error, RateLimited):
            error.wait_s = wait_s if wait_s is not None else self._patience.unsaid_wait_s
            (narrow or self._bucket).close(error.wait_s)
        if error is not None:
            raise error
        return Reply(raw.status, raw.headers, _parsed(raw, exchange))

    def _asked_wait_s(self, raw: _Raw, exchange: _Exchange) -> float | None:
        wait_s = retry_after(raw.headers.get("retry-after"), self._clock)
        if wait_s is not None or raw.status != 429 or exchange.limit_wait is None:
            return wait_s
        return exchange.limit_wait(Reply(raw.status, raw.headers, _json(raw.body)))

    def _carry(self, request: httpx.Request, exchange: _Exchange) -> _Raw:
        """Send and read whole. A system is told of no trace of ours."""
        method, _, route = exchange.where.partition(" ")
        facts = {"connection": self._connection, "host": self._origin[1], "method": method, "route": route}
        with TRACES.span(Step.REQUEST, (), **facts, resend=exchange.sent) as span:
            exchange.sent += 1
            raw = self._exchange(request, exchange)
            span.tell(status=raw.status)
            if raw.status >= 400:
                span.blame(str(raw.status))
            return raw

    def _exchange(self, request: httpx.Request, exchange: _Exchange) -> _Raw:
        """The library's error is dropped with its text: it may quote a header."""
        begun, status = self._clock.elapsed(), "none"
        try:
            raw = self._read(self._client.send(request, stream=True))
            status = f"{raw.status // 100}xx"
            return raw
        except _NOT_SENT as failed:
            error: HubError = Unavailable(f"{exchange.where}: {_unreached(failed)}.")
        except _UNSENDABLE:
            error = _unsendable(exchange.where)
        except (httpx.TransportError, _TooSlow):
            error = TimedOut(f"{exchange.where}: no answer, or it broke off.")
        finally:
            METERS.count(Metric.REQUESTS, self._connection, request.method, status)
            METERS.time(Metric.REQUEST_TIME, self._clock.elapsed() - begun, self._connection)
            self._client.cookies.clear()  # a connection is authenticated by its settings, never by what a server left behind
        raise error

    def _read(self, response: httpx.Response) -> _Raw:
        deadline = self._clock.elapsed() + self._patience.answer_s
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = bytearray()
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._longest_body_bytes:
                    return _Raw(response.status_code, headers, None)
                if self._clock.elapsed() > deadline:
                    raise _TooSlow
        except httpx.DecodingError:
            return _Raw(response.status_code, headers, None)
        finally:
            response.close()
        return _Raw(response.status_code, headers, bytes(body))

    def _follow(self, request: httpx.Request, raw: _Raw, exchange: _Exchange) -> httpx.Request:
        try:
            target = request.url.join(raw.headers.get("location", ""))
        except httpx.InvalidURL:
            target = None
        if target is None or request.method not in ("GET", "HEAD") or _origin(target) != self._origin:
            raise ApiRetired(f"{exchange.where}: the address has moved.", fix="Set base_url to where the system answers now.")
        return self._client.build_request(request.method, target, headers=request.headers)

    def _count(self, state: RetryCallState, exchange: _Exchange) -> None:
        """Waiting for a limit is no failed try (DESIGN section 11); it has a bound of its own."""
        error = _error(state)
        if isinstance(error, RateLimited):
            exchange.limited_s += error.wait_s
        else:
            exchange.failures += 1

    def _wait_s(self, state: RetryCallState, exchange: _Exchange) -> float:
        if isinstance(_error(state), RateLimited):
            return 0.1 * self._clock.chance()  # the bucket itself waits; this only keeps many readers from starting as one
        most = min(self._patience.longest_wait_s, self._patience.first_wait_s * 2.0 ** (exchange.failures - 1))
        return most * (0.5 + 0.5 * self._clock.chance())

    def _note_retry(self, state: RetryCallState, exchange: _Exchange) -> None:
        error = _error(state)
        event = Event.HTTP_LIMIT_REACHED if isinstance(error, RateLimited) else Event.HTTP_REQUEST_RETRIED
        wait_s = error.wait_s if isinstance(error, RateLimited) else state.upcoming_sleep
        self._note(event, exchange, tries=state.attempt_number, wait_s=round(wait_s, 3))

    def _note(self, event: Event, exchange: _Exchange, **fields: Any) -> None:
        method, _, path = exchange.where.partition(" ")
        log().info(event, connection=self._connection, method=method, path=path, **fields)


class _TooSlow(Exception):
    """An answer that drips."""


def verdict(status: int, *, safe: bool, wait_s: float | None, where: str) -> HubError | None:
    """Return the error that a status stands for, or None for a reply. The only table of its kind."""
    if status == 429:
        return RateLimited(f"{where}: over the limit.", wait_s=wait_s or 0.0)
    if status == 401:
        return AuthFailed(f"{where}: the credentials are not accepted.", fix="Renew them in the connection's settings.")
    if status == 403:
        return PermissionMissing(f"{where}: the credentials may not do this.", fix="Grant the permission in that system.")
    if status in _MOVED:
        return ApiRetired(f"{where}: redirects without end.", fix="Set base_url to where the system answers now.")
    if status < 500 and status not in (408, 425):
        return None
    if safe or status == 425 or (status == 503 and wait_s is not None):
        return Unavailable(f"{where}: answers {status}.")
    return TimedOut(f"{where}: answers {status}, so the effect is unknown.")


def retry_after(value: str | None, clock: Clock) -> float | None:
    """Read Retry-After as seconds from now, 0 to an hour (RFC 9110 section 10.2.3; some send fractions). None: not said."""
    if value is None:
        return None
    try:
        wait_s = float(value)
    except ValueError:
        wait_s = _until(value, clock)
    return min(max(0.0, wait_s), LONGEST_ASKED_S) if math.isfinite(wait_s) else None


def _until(date: str, clock: Clock) -> float:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.timestamp() - clock.now() / SECOND


def template(path: str) -> str:
    """Return `/v2/customers/{}` for `/v2/customers/4711?x=y`: what is safe to show. Only plain words and versions stay."""
    route = re.sub(r"^[a-z]+://[^/]*", "", path.partition("?")[0].partition("#")[0])
    return "/".join(part if not part or _PLAIN_SEGMENT.fullmatch(part) else "{}" for part in route.split("/"))


def _json(body: bytes | None) -> Any:
    """Return what a refusal says, None where it says nothing readable."""
    try:
        return orjson.loads(body or b"null")
    except orjson.JSONDecodeError:
        return None


def _parsed(raw: _Raw, exchange: _Exchange) -> Any:
    if raw.body is not None and not raw.body.strip():
        return None
    try:
        return orjson.loads(raw.body if raw.body is not None else b"")
    except orjson.JSONDecodeError:
        pass
    if not exchange.safe and raw.status < 400:
        raise TimedOut(f"{exchange.where}: the answer cannot be read, so the effect is unknown.")
    raise BadPayload(f"{exchange.where}: answers {raw.status} with something that is not JSON, or too large.")


def _unreached(failed: Exception) -> str:
    """Say why a system was not reached; what it presented is never quoted."""
    return "nobody vouches for its certificate" if "CERTIFICATE_VERIFY_FAILED" in str(failed) else "no connection"


def _unsendable(where: str) -> AuthFailed:
    return AuthFailed(
        f"{where}: cannot be sent as HTTP.", fix="Look for a line break or a stray character in base_url and credentials."
    )


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return (url.scheme, url.host, url.port or default)
