"""A collector of traces on this machine: takes OTLP over HTTP, decodes it, keeps the spans. Also one that hangs or refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What arrived. `status`: how it answers; while `free` is not set, nobody is answered at all."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: Mapping[str, str] = {}
        self.free = threading.Event()
        self.free.set()
        self.arrived = threading.Event()
        self.paths: list[str] = []
        self.given: list[dict[str, str]] = []
        self.exports: list[ExportTraceServiceRequest] = []
        self.url = ""

    def spans(self) -> list[Span]:
        """Return every span that was taken, in order of their arrival."""
        return [
            span
            for one in self.exports
            for resource in one.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def resources(self) -> list[dict[str, str]]:
        """Return what the spans' senders call themselves, once each."""
        found = [
            {one.key: one.value.string_value for one in resource.resource.attributes}
            for export in self.exports
            for resource in export.resource_spans
        ]
        return [one for number, one in enumerate(found) if one not in found[:number]]

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take one request; return the status of the answer."""
        self.paths.append(path)
        self.given.append({name.lower(): value for name, value in headers.items()})
        self.arrived.set()
        self.free.wait(30)
        if self.status == 200:
            self.exports.append(ExportTraceServiceRequest.FromString(body))
        return self.status


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            self.send_response(collector.take(self.path, dict(self.headers.items()), body))
            for name, value in {"content-length": "0", **collector.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the standard library
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment] # whoever hung up has hung up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    collector.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield collector
    finally:
        collector.free.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def attributes(span: Span) -> dict[str, Any]:
    """Return the attributes of a span."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in span.attributes}
