"""Between what a connector reads and the hub: an answer that is not what the API's description says is that system's trouble.

In: a call of a connector's stream or sink. Out: what it returned, or an error of the hub's own tree. Whatever else a connector
trips over while it takes an answer apart (a list where an object was, null for a number, a proxy's page) would stop the whole
hub; so it is told with the place in the code, and that system is tried again like one that is ill, while the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

from hub.errors import BadPayload, HubError
from hub.events import Event, log
from hub.model.values import Doc
from hub.sdk.base import Hint


class _Understood:
    """A context manager around one call of a connector. Raises BadPayload; after a write that means: nobody knows."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, Exception) and not isinstance(error, HubError):
            log().error(Event.HTTP_ANSWER_REFUSED, exc_info=error)
            raise BadPayload("An answer is not what this API's description says.", fix=_FIX) from None


_FIX: Final = "Look at the log for the place; if it goes on, the API has changed."
understood: Final = _Understood()


def readable(hints: Sequence[Hint]) -> Sequence[Hint]:
    """Return the hints of a webhook. Raises BadPayload where an id is no text: what was signed need not be what was described."""
    for hint in hints:
        ids: tuple[Any, ...] = (hint.external_id, hint.event_id or "")  # a connector cannot vouch for what was sent
        for said in ids:
            if not isinstance(said, str) or "\x00" in said:
                raise BadPayload("A webhook names a record by what is no id.", fix=_FIX)
    return hints


def documents(docs: Sequence[Any]) -> Sequence[Doc]:
    """Return the documents of an answer. Raises BadPayload where one is none."""
    if not all(isinstance(doc, dict) for doc in docs):
        raise BadPayload("An answer holds a record that is no object.", fix=_FIX)
    return docs
