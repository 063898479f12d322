"""Where a connector's code ends: an answer it did not expect is that system's fault, never the end of the hub.

In: what a connector does with an answer. Out: the same, or one of `hub.errors`. A connector takes documents apart by the words of
its vendor's contract; where an answer breaks that contract, Python's own errors come out. They become `BadPayload` here, and the
log says which line could not read it, and no value of it (Invariant 14).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from hub.errors import BadPayload, HubError
from hub.events import Event, log
from hub.model.values import Doc
from hub.sdk.base import Connector, Hint, WebhookRequest

_MISREAD: Final = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@contextmanager
def understood(connection: str, stream: str) -> Iterator[None]:
    """Run a call of a connector. Raises BadPayload where it stumbles over an answer."""
    try:
        yield
    except _MISREAD as error:
        log().error(Event.HTTP_ANSWER_GARBLED, connection=connection, stream=stream, exc_info=error)
        message = f"{connection}/{stream}: an answer is not as the system documents it."
        fix = "See the log for where; update the connector, or ask the vendor."
        raise BadPayload(message, fix=fix) from None  # the text of Python's error may quote a value


@contextmanager
def named(connection: str, fix: str) -> Iterator[None]:
    """Run what a person asked for. An error says which connection it is of, and `fix` where it has none of its own."""
    try:
        yield
    except HubError as error:
        if not error.message.startswith(connection):
            error.message = f"{connection}: {error.message}"
        error.fix = error.fix or fix
        raise


def documents(docs: Sequence[Any]) -> Sequence[Doc]:
    """Return the documents of an answer. Raises BadPayload where one is none."""
    if not all(isinstance(doc, dict) for doc in docs):
        raise BadPayload("An answer holds a record that is no object.", fix="Update the connector, or ask the vendor.")
    return docs


def readable(hints: Sequence[Hint]) -> Sequence[Hint]:
    """Return the hints of a webhook. Raises BadPayload where an id is no text: what was signed need not be what was described."""
    for hint in hints:
        event: Any = "" if hint.event_id is None else hint.event_id
        ids: tuple[Any, ...] = (hint.external_id, event)  # a connector cannot vouch for what was sent
        for said in ids:
            if not isinstance(said, str) or "\x00" in said or not _is_writable(said):
                raise BadPayload("A webhook names a record by what is no id.")
    return hints


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair, which JSON can name and nothing can store
        return False
    return True


def believe(connector: Connector[Any], connection: str, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
    """Verify a webhook and read its hints. Raises Forged, or BadPayload where it was signed well and cannot be read."""
    with understood(connection, "webhooks"):
        return readable(connector.receive(request, settings))
