"""How a command reaches the hub that runs: a loopback port, and a file beside the store that only its owner can read.

In: one JSON object per line, {"token", "verb", "args"}. Out: one line, {"data": ...} or {"error": {...}}. The store has one
writer, so what changes state goes through the hub while one runs. The port is only reachable from this machine, and the token
keeps its other users out. No verb is known here: whoever starts the server hands in what carries them out.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import orjson
import structlog

from hub.clock import Clock, Worker
from hub.errors import HubError, Refuse, Retry, Stop, StoreBusy, Unavailable, UsageError
from hub.events import Event
from hub.model.values import Doc

Handle = Callable[[str, Doc], Doc]
LONGEST_BYTES: Final = 64 * 1024 * 1024
PATIENCE_S: Final = 300.0
CROWDED_S: Final = 0.2
"""How long nobody is let in after one could not be."""
log = structlog.get_logger("hub.runtime")


@dataclass(frozen=True, slots=True)
class Door:
    """Where a running hub listens."""

    port: int
    token: str
    pid: int


class ControlServer:
    """Listens from `start` to `stop`. `handle` may block; every caller has a thread of its own."""

    def __init__(self, path: Path, handle: Handle, clock: Clock) -> None:
        self._path = path
        self._handle = handle
        self._clock = clock
        self._token = secrets.token_hex(32)
        self._stopping = False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._worker: Worker | None = None

    def start(self) -> None:
        """Listen, and say where in the file."""
        self._worker = self._clock.start("control", self._accept)
        door = {"port": self._socket.getsockname()[1], "token": self._token, "pid": os.getpid()}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, orjson.dumps(door))
        os.close(file)
        fresh.replace(self._path)

    def stop(self) -> None:
        """Listen no more."""
        self._stopping = True
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._worker is not None:
            self._worker.join(1.0)

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._socket.accept()
                self._clock.start("control-call", partial(self._answer, connection))
            except (OSError, RuntimeError):  # closed by `stop`; or no file, no thread is left for one caller: it may come again
                self._clock.sleep(CROWDED_S)

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE_S)
            asked = _read_line(connection)
            connection.sendall(orjson.dumps(self._carry_out(asked)) + b"\n")

    def _carry_out(self, asked: bytes) -> Doc:
        try:
            said = orjson.loads(asked)
            if not hmac.compare_digest(str(said["token"]), self._token):
                raise UsageError("This is not for you.")
            return {"data": self._handle(said["verb"], said["args"])}
        except HubError as error:
            return {"error": {"group": _group(error), "code": error.code, "message": error.message, "fix": error.fix}}
        except Exception:  # a bug in one verb must not end the hub; the caller gets a sentence, the log what it was
            log.exception(Event.RUNTIME_VERB_FAILED)
            return {"error": {"group": "stop", "code": "internal", "message": "The hub could not do it.", "fix": "See its log."}}


def _group(error: HubError) -> str:
    return "refuse" if isinstance(error, Refuse) else "retry" if isinstance(error, Retry) else "stop"


def find_door(path: Path) -> Door | None:
    """Return where the running hub listens; None where none says so."""
    try:
        said = orjson.loads(path.read_bytes())
        return Door(int(said["port"]), str(said["token"]), int(said["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def call(path: Path, verb: str, args: Doc, *, timeout_s: float = PATIENCE_S) -> Doc | None:
    """Ask the running hub for something; None where none runs. Raises what the hub raised."""
    door = find_door(path)
    if door is None:
        return None
    try:
        connection = socket.create_connection(("127.0.0.1", door.port), timeout=5)
    except OSError:
        return None  # it died and left its file behind
    try:
        with connection:
            connection.settimeout(timeout_s)
            connection.sendall(orjson.dumps({"token": door.token, "verb": verb, "args": args}) + b"\n")
            answer = orjson.loads(_read_line(connection))
    except (OSError, ValueError):
        raise Unavailable("The running hub did not answer.", fix="Look at `hub status`, then try again.") from None
    if "error" in answer:
        raise _raised(answer["error"])
    data: Doc = answer["data"]
    return data


def _raised(said: Doc) -> HubError:
    if said["group"] == "refuse":
        return UsageError(said["message"], fix=said["fix"])
    if said["group"] == "retry":
        return Unavailable(said["message"], fix=said["fix"])
    if said["code"] == StoreBusy.code:
        return StoreBusy(said["message"], fix=said["fix"])
    return Stop(said["message"], fix=said["fix"])


def _read_line(connection: socket.socket) -> bytes:
    body = bytearray()
    while not body.endswith(b"\n") and len(body) <= LONGEST_BYTES:
        chunk = connection.recv(65536)
        if not chunk:
            break
        body += chunk
    return bytes(body)
