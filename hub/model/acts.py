"""Acts: what a person asked to be done to a document in its home, done once and only from the state in which they saw it.

An act is judged by what its home was last seen to show: there already is success, elsewhere is a question. So a lost answer needs
no memory of its own: the record is read, and it is sent again only where it shows what it showed before.
"""

from __future__ import annotations

from typing import Final

from hub.model.delivery import Delivery, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Known, Note, Question
from hub.model.link import Link, LinkState
from hub.model.review import ReviewKind
from hub.model.run import Mode
from hub.model.values import MISSING, SECOND, Micros, Value

ASKED_MOST: Final = 3
"""How often an act is sent before a person is asked about it."""
PATIENCE: Final[tuple[Micros, ...]] = (0, 10 * SECOND, 60 * SECOND)
"""How long after it was sent it may still be on its way there: a job of theirs, say."""
IS_DONE, NO_MORE = "it is done there", "it can be done no more"
"""How a question about an act ends by itself."""
DONE, GIVEN_UP, ASKED_FOR = "act done", "act given up", "act asked for"


def held_at(link: Link, path: str) -> Value:
    """Return what a record was last seen to show of a field, None where that is nothing."""
    claim = link.claims.get(path)
    return None if claim is None or claim.held is MISSING else claim.held


def is_reached(delivery: Delivery, link: Link) -> bool:
    """Say whether a record shows that the act was done, by us or by anybody."""
    return all(held_at(link, path) in values for path, values in delivery.act["reaches"].items())


def elsewhere(delivery: Delivery, link: Link) -> list[str]:
    """Return the fields in which a record is no longer as the act presumes."""
    return [path for path, value in delivery.act["expected"].items() if held_at(link, path) != value]


def is_over(known: Known, entity: Entity, link: Link, delivery: Delivery, now: Micros) -> bool:
    """Say whether an act is done or can never be; else bring its delivery up to date, and ask a person where it cannot go on."""
    if link.attempt_id is not None:
        return False
    if is_reached(delivery, link):  # Rule 6.68: there already is success
        known.notes.append(Note(now, entity.id, link.id, DONE, [_row(delivery)]))
        known.answered[_about(delivery)] = IS_DONE
        return True
    if link.state is not LinkState.LIVE or known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:
        known.notes.append(Note(now, entity.id, link.id, GIVEN_UP, [_row(delivery)]))
        known.answered[_about(delivery)] = NO_MORE
        return True
    if delivery.aside:
        return False
    moved = elsewhere(delivery, link)
    if moved:  # Rule 6.67
        set_act_aside(known, delivery, link, f"it is no longer as it was: {', '.join(moved)}")
    elif delivery.act.get("asked", 0) >= ASKED_MOST and delivery.not_before <= now:
        set_act_aside(known, delivery, link, "it was asked for three times, and is not so")
    elif delivery.state is DeliveryState.WAITING and delivery.not_before <= now:
        delivery.state, delivery.wait = DeliveryState.DUE, ""
    return False


def _about(delivery: Delivery) -> str:
    return f"delivery {delivery.id}"


def _row(delivery: Delivery) -> list[Value]:
    return [delivery.act["verb"], None, dict(delivery.act["args"]), 0, delivery.act["by"], ""]


def note_asked(delivery: Delivery, at: Micros) -> None:
    """Count that an act was sent, and leave it time to take effect."""
    asked = delivery.act.get("asked", 0) + 1
    delivery.act = {**delivery.act, "asked": asked}
    delivery.not_before = at + PATIENCE[min(asked, len(PATIENCE) - 1)]
    delivery.state, delivery.wait = DeliveryState.WAITING, "its effect"


def set_act_aside(known: Known, delivery: Delivery, link: Link, reason: str) -> None:
    """Send an act no more until a person has said whether it is still wanted."""
    delivery.aside, delivery.state, delivery.wait = 1, DeliveryState.WAITING, reason
    detail = {"connection": link.connection, "verb": delivery.act["verb"], "reason": reason, "delivery": delivery.id}
    known.questions.append(Question(ReviewKind.ACT, _about(delivery), link.entity_id, link.id, detail))
