"""What a person has done to a document in its home: cancel an order, send it. Asked for once, with a yes, and kept track of.

In: a document and a verb that its home's connector knows (`Sink.acts`). Out: what would be done, and the delivery that does it.
"""

from __future__ import annotations

from typing import cast

from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.acts import ASKED_FOR, GIVEN_UP, held_at, is_reached
from hub.model.delivery import Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Known, Note
from hub.model.link import Link
from hub.model.review import Review
from hub.model.run import Mode
from hub.model.traits import Act
from hub.model.values import Doc, Micros, Value
from hub.ops.names import name_of
from hub.ops.office import Office
from hub.ops.plan import load, looking
from hub.pipeline import replan
from hub.store import Reader, Unit
from hub.store.known import begin_known, load_deliveries
from hub.yamlfile import nearest


def preview_act(reader: Reader, ground: Ground, entity_id: int, verb: str, args: Doc) -> Doc:
    """Return what would be done where, and from what to what. Nothing is written. Raises UsageError where it cannot be done."""
    known = looking(reader)
    load(cast("Unit", reader), known, [entity_id])
    entity = known.resolve(entity_id)
    link, act = _place(known, ground, entity, verb)
    return _doc(entity, link, verb, act, _checked(act, verb, args))


def asked_for(reader: Reader, entity: Entity) -> list[Doc]:
    """Return what was asked to be done to a record and is not done yet: what, where, by whom, and what it waits for."""
    return [
        {
            "verb": one.act["verb"],
            "connection": one.connection,
            "by": one.act["by"],
            "why": f"you are asked ({one.wait})" if one.aside else f"waiting for {one.wait}" if one.wait else "about to be sent",
        }
        for one in reader.deliveries_of([entity.id])
        if one.kind is DeliveryKind.ACT
    ]


def ask_for(office: Office, entity_id: int, what: str, args: Doc, by: str) -> Doc:
    """Have something done to a document in its home. Raises UsageError where it cannot be done, or is under way already.

    It presumes what the home was last seen to show: where that is no longer so when it is sent, a person is asked.
    """
    done = office.write(lambda unit: _ask_for(unit, office.ground, entity_id, what, args, by, office.clock.now()))
    office.wake()
    return done


def _ask_for(unit: Unit, ground: Ground, entity_id: int, verb: str, args: Doc, by: str, now: Micros) -> Doc:
    known = begin_known(unit)
    load(unit, known, [entity_id])
    entity = known.resolve(entity_id)
    load_deliveries(unit, known, [entity.id])
    link, act = _place(known, ground, entity, verb)
    said = _checked(act, verb, args)
    if link.id in known.deliveries:
        raise UsageError(f"Something is on its way to {name_of(entity)} already.", fix="Look at `hub plan`.")
    delivery = Delivery(
        known.next_id("delivery"), DeliveryKind.ACT, link.connection, link.stream, entity.type, entity.id, link.id, since=now
    )
    expected = {path: held_at(link, path) for path in act.when}
    reaches = {path: list(values) for path, values in act.reaches.items()}
    delivery.act = {"verb": verb, "args": said, "by": by, "expected": expected, "reaches": reaches, "asked": 0}
    known.deliveries[link.id] = delivery
    row: list[Value] = [verb, None, dict(said), now, by, ""]
    known.notes.append(Note(now, entity.id, link.id, ASKED_FOR, [row]))
    known.touch(entity)
    replan(unit, ground, known, now)
    return {**_doc(entity, link, verb, act, said), "number": delivery.id}


def _place(known: Known, ground: Ground, entity: Entity, verb: str) -> tuple[Link, Act]:
    """Return the home of a document and what the verb means there."""
    homes = [link for link in known.live_links(entity.id) if not link.by_hub]
    if not homes:
        raise UsageError(f"{name_of(entity)} is in no system any more.", fix="See `hub show`.")
    link = homes[0]
    acts = ground.trait(link.connection, link.stream).acts
    act = acts.get(verb)
    if act is None:
        fix = nearest(verb, acts) if acts else f"Do it in {link.connection} itself; the hub follows."
        raise UsageError(f"`{link.connection}` is not told to {verb} {_noun(entity)} from here.", fix=fix)
    if known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:
        fix = f"`hub connection mode {link.connection} propose`, once you trust it."
        raise UsageError(f"`{link.connection}` is only watched: nothing is changed there.", fix=fix)
    wrong = [path for path, values in act.when.items() if held_at(link, path) not in values]
    if wrong:
        is_so = ", ".join(f"its {path} is {held_at(link, path)}".replace("_", " ") for path in wrong)
        raise UsageError(f"{name_of(entity)} is not as it must be to {verb} it: {is_so}.", fix="See `hub show`.")
    return link, act


def _checked(act: Act, verb: str, args: Doc) -> Doc:
    said = {name: value for name, value in args.items() if value not in (None, "", False)}
    wrong = [name for name in said if name not in act.args]
    if wrong:
        raise UsageError(f"`{wrong[0]}` cannot be said with `{verb}` there.", fix=nearest(wrong[0], act.args))
    return said


def _doc(entity: Entity, link: Link, verb: str, act: Act, args: Doc) -> Doc:
    return {
        "entity": entity.type.value,
        "id": entity.id,
        "name": name_of(entity),
        "connection": link.connection,
        "record": link.external_id,
        "verb": verb,
        "args": args,
        "changes": [{"field": path, "from": held_at(link, path), "to": values[0]} for path, values in act.reaches.items()],
    }


def _noun(entity: Entity) -> str:
    return f"{entity.type.value.replace('_', ' ')}s"


def do_all_the_same(unit: Unit, _office: Office, review: Review, _other: int | None) -> Doc | None:
    """Send an act again, from the state in which the record is now: a person has looked at it."""
    delivery, link = _of(unit, review)
    if delivery is not None and link is not None and not is_reached(delivery, link):
        expected = {path: held_at(link, path) for path in delivery.act["expected"]}
        delivery.act = {**delivery.act, "expected": expected, "asked": 0}
        delivery.aside, delivery.tries, delivery.not_before = 0, 0, 0
        delivery.state, delivery.wait = DeliveryState.DUE, ""
        unit.save_deliveries([delivery])
    return None


def give_up(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Take back what was asked for."""
    delivery, link = _of(unit, review)
    if delivery is not None:
        unit.delete_deliveries([delivery.id])
        known = begin_known(unit)
        load(unit, known, [delivery.entity_id])
        row: list[Value] = [delivery.act["verb"], None, dict(delivery.act["args"]), 0, delivery.act["by"], ""]
        known.notes.append(Note(office.clock.now(), delivery.entity_id, link.id if link else 0, GIVEN_UP, [row]))
        replan(unit, office.ground, known, office.clock.now())
    return None


def _of(unit: Unit, review: Review) -> tuple[Delivery | None, Link | None]:
    number = int(review.detail["delivery"])
    link = unit.links_by_id([review.link_id]).get(review.link_id) if review.link_id is not None else None
    return unit.deliveries_by_id([number]).get(number), link
