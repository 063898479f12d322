"""Verbs on a running hub: read again, say yes, answer questions."""

from __future__ import annotations

from collections.abc import Collection

from hub.model.delivery import DeliveryState
from hub.model.review import Review, ReviewKind
from hub.model.run import HintRow
from hub.pipeline import replan
from hub.reconcile import settle
from hub.runtime.hub import Hub
from hub.store.known import begin_known, load_entities
from hub.store.unit import Unit


def resync(hub: Hub, connection: str, stream: str | None = None, external_id: str | None = None) -> None:
    """Read a connection, one of its streams, or one record again."""
    lane = hub.lanes[connection]
    if stream is not None and external_id is not None:
        now = hub.clock.now()
        hint = HintRow(connection, stream, external_id, now, now, reason="resync")
        hub.writer.submit(lambda unit: unit.add_hints([hint])).result()
        lane.wake()
        return
    lane.poll_now({stream} if stream is not None else set(lane.wiring.polled), full=True)


def approve_all(hub: Hub) -> int:
    """Say yes to every delivery that waits for one; return how many there were."""

    def approve(unit: Unit) -> int:
        asking = unit.asking()
        for delivery in asking:
            delivery.state, delivery.wait = DeliveryState.DUE, ""
        unit.save_deliveries(asking)
        return len(asking)

    done = hub.writer.submit(approve).result()
    hub.wake()
    return done


def resolve(unit: Unit, hub: Hub, review: Review, answer: str) -> None:
    """Answer a question and do what follows from the answer."""
    review.answer, review.resolved_at = answer, hub.clock.now()
    unit.save_reviews([review])
    known = begin_known(unit, hub.lanes)
    if review.entity_id is not None:
        load_entities(unit, known, [review.entity_id])
        entity = known.resolve(review.entity_id)
        settle(known, hub.ground, entity, list(entity.golden))
        known.touch(entity)
    replan(unit, hub.ground, known, hub.clock.now())


def resolve_all(hub: Hub, keep: Collection[ReviewKind] = ()) -> int:
    """Answer every open question but those of kinds in `keep` with "keep apart" or "yes"; return how many."""

    def answer(unit: Unit) -> int:
        reviews = [review for review in unit.reviews() if review.kind not in keep]
        for review in reviews:
            resolve(unit, hub, review, "keep apart" if review.kind is ReviewKind.MATCH else "yes")
        return len(reviews)

    done = hub.writer.submit(answer).result()
    hub.wake()
    return done
