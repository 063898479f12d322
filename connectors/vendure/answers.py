"""From what a write returned to the hub's `Answer`. Reasons never quote Vendure's own sentences: those carry values."""

from __future__ import annotations

from typing import Final

from connectors.vendure.client import Fault
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind

_REASONS: Final[dict[AnswerKind, str]] = {
    AnswerKind.GONE: "Vendure has no such record.",
    AnswerKind.CLASH: "Something that must be unique in Vendure is taken.",
    AnswerKind.REFUSED: "Vendure refused it.",
}


def answer(told: Doc | Fault, *, blames: str | None = None) -> Answer:
    """Return DONE with the whole document, or what the fault means; `blames` names the path a refusal is about."""
    if isinstance(told, Fault):
        return Answer(told.kind, blames=blames, reason=f"{_REASONS[told.kind]} ({told.code})")
    return Answer(AnswerKind.DONE, doc=told, external_id=str(told["id"]))
