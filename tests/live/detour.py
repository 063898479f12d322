"""The way from the hub to one system: a proxy on loopback that counts calls and can stop one before or after it took effect."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx

from tests.retailer import write_of

PASSED = ("content-type", "authorization", "vendure-token", "vendure-auth-token", "square-version")
_LIST = re.compile(r"query List\(\$options: (\w+)ListOptions\)")
PATIENCE_S = 60.0


@dataclass(slots=True)
class Stop:
    """Stops the write of this name, once `skip` of them went through. `after`: it took effect, its answer is kept back."""

    name: str
    after: bool
    skip: int
    here: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def is_here(self) -> bool:
        """Say whether the write has been stopped."""
        return self.here.is_set()

    def let_go(self) -> None:
        """Let the write go on its way, whoever still waits for its answer; return once it took effect."""
        self.go.set()
        assert self.done.wait(PATIENCE_S)


class Detour:
    """Leads to `target`. `writes` and `reads` count what came by, by name."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.writes: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()
        self._stops: list[Stop] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.carry))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; nothing stays stopped."""
        for each in self._stops:
            each.go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def stop_before(self, name: str, skip: int = 0) -> Stop:
        """Stop such a write before it arrives."""
        return self._stop(Stop(name, after=False, skip=skip))

    def stop_after(self, name: str, skip: int = 0) -> Stop:
        """Stop the answer to such a write."""
        return self._stop(Stop(name, after=True, skip=skip))

    def carry(self, request: httpx.Request) -> httpx.Response:
        """Bring one request there and its answer back."""
        name = write_of(request)
        stop = self._note(name, request)
        if stop is None:
            return _ask(self.target, request)
        response = _ask(self.target, request) if stop.after else None
        stop.here.set()
        stop.go.wait()
        response = response or _ask(self.target, request)
        stop.done.set()
        return response

    def _stop(self, stop: Stop) -> Stop:
        self._stops.append(stop)
        return stop

    def _note(self, name: str, request: httpx.Request) -> Stop | None:
        with self._lock:
            if not name:
                self.reads[read_of(request)] += 1
                return None
            self.writes[name] += 1
            found = next((each for each in self._stops if each.name == name and not each.is_here()), None)
            if found is not None and found.skip:
                found.skip -= 1
                return None
            return found


def read_of(request: httpx.Request) -> str:
    """Name a read: `Customer changed`, `ProductVariant all`, `Customer by id`, or the end of its path."""
    if not request.url.path.endswith("/admin-api"):
        return request.url.path.rpartition("/")[2]
    body = json.loads(request.content)
    listed = _LIST.match(body["query"])
    if listed is None:
        return str(body["query"]).split("(")[0].split("{")[0].strip()
    wanted = body["variables"]["options"].get("filter") or {}
    return f"{listed[1]} {'by id' if 'id' in wanted else 'changed' if wanted else 'all'}"


def _ask(target: str, request: httpx.Request) -> httpx.Response:
    place = urlsplit(target)
    line = HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    try:
        headers = {name: value for name, value in request.headers.items() if name in PASSED}
        line.request(request.method, request.url.raw_path.decode(), request.content, headers)
        answer = line.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name.lower() in PASSED}
        return httpx.Response(answer.status, headers=kept, content=answer.read())
    finally:
        line.close()


def _handler(carry: Callable[[httpx.Request], httpx.Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # head and body in one packet

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            url = f"http://{self.headers['host']}{self.path}"
            response = carry(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
            with suppress(OSError):  # whoever asked may be dead
                self.send_response_only(response.status_code)
                for name, value in response.headers.items():
                    if name in PASSED:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(response.content)))
                self.end_headers()
                self.wfile.write(response.content)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - their names in the standard library

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Stay silent."""

    return Handler
