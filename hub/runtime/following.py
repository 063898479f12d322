"""What a trace tells of batches and deliveries: counts, ids of ours, words of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.model.delivery import Attempt
from hub.model.outcome import Outcome, OutcomeKind
from hub.pipeline import Absorbed, Item
from hub.traces import MOST_IDS, Span, due

_NO_NEWS: Final = frozenset({"created by us", "set aside", "shift", "check"})
"""Lines of the journal that tell how a write of ours ended: they make nothing due."""


def follow_batch(span: Span, items: Sequence[Item], absorbed: Absorbed) -> None:
    """Tell how the records of a batch ended, and let the deliveries that it made due find it."""
    moved = {note.entity_id for note in absorbed.notes if note.kind not in _NO_NEWS}
    ids = [delivery.id for delivery in absorbed.planned if delivery.entity_id in moved]
    span.tell(**{fate.value: count for fate, count in absorbed.fates.items() if count})
    if ids:
        span.tell(delivery_ids=tuple(ids[:MOST_IDS]))
    span.remember((due(one) for one in ids), alone=len(items) == 1)


def follow_attempt(span: Span, attempt: Attempt) -> None:
    """Tell what is sent."""
    span.tell(
        stream=attempt.stream,
        entity=attempt.entity_type.value,
        kind=attempt.kind.value,
        operation=attempt.operation,
        attempt_id=attempt.id,
    )


def follow_outcome(span: Span, attempt: Attempt, outcome: Outcome) -> None:
    """Tell what came of it. What is tried again belongs to what was tried before."""
    span.tell(outcome=outcome.kind.value)
    if outcome.kind is not OutcomeKind.DONE:
        span.blame(outcome.kind.value)
        span.remember([due(attempt.delivery_id)], alone=True)
