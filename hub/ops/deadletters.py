"""What was set aside: look at it, try it again, or let it go."""

from __future__ import annotations

from typing import Final, cast

import orjson

from hub.clock import instant
from hub.errors import UsageError
from hub.model.link import Link, LinkKey
from hub.model.record import RawRecord, Source
from hub.model.run import DeadLetter, DeadState, HintRow
from hub.model.values import Doc, Value
from hub.ops.office import Office
from hub.ops.plan import settle_again
from hub.pipeline import absorb
from hub.push.letters import PUSHES
from hub.store import Reader, Unit

NEXT_STEP: Final = "Correct it in its system, then replay it."
NEXT_STEPS: Final = {
    "bad_payload": "Correct it in its file and ingest that again, then drop this.",
    "record_refused": "Correct the record in its system (or the line of the mapping that reads it), then replay it.",
    "push_refused": "Correct the value in the system it came from, or what the other system asks for, then replay it.",
    "not_writable": "Correct the value, or the line of the mapping that writes it, then replay it.",
}


def list_dead_letters(reader: Reader, *, connection: str | None = None, limit: int = 1000) -> list[Doc]:
    """Return the open dead letters; never a payload."""
    found = [letter for letter in reader.dead_letters(limit=100_000) if connection in (None, letter.connection)]
    return [_doc(one) for one in found[:limit]]


def show_dead_letter(reader: Reader, number: int) -> Doc:
    """Return one dead letter whole, its payload too: personal data that stays on the operator's screen. Raises UsageError."""
    letter = reader.dead_letters_by_id([number]).get(number)
    if letter is None:
        raise UsageError(f"There is no dead letter {number}.", fix="See `hub deadletter list`.")
    return {**_doc(letter), "state": letter.state.value, "tries": letter.tries, "input": _input(letter), **_push(reader, letter)}


def _input(letter: DeadLetter) -> Value:
    try:
        return cast("Value", orjson.loads(letter.raw))
    except orjson.JSONDecodeError:
        return letter.raw.decode("utf-8", "replace")


def _push(reader: Reader, letter: DeadLetter) -> Doc:
    """Return whose value was refused, and field -> value as far as the call is still kept; nothing of what was no write."""
    if letter.code not in PUSHES:
        return {}
    told = orjson.loads(letter.raw)
    entity = reader.entities([told["entity"]]).get(told["entity"]) if told.get("entity") else None
    attempt = reader.attempts([told["attempt"]]).get(told["attempt"]) if told.get("attempt") else None
    named = set(filter(None, letter.field.split(",")))
    covers = attempt.covers if attempt is not None else {}
    return {
        "entity": entity.type.value if entity is not None else None,
        "entity_id": told.get("entity"),
        "sent": {path: cover.sent for path, cover in covers.items() if not named or path in named},
    }


def _doc(one: DeadLetter) -> Doc:
    return {
        "id": one.id,
        "code": one.code,
        "message": one.message,
        "what_to_do": one.suggestion or NEXT_STEPS.get(one.code, NEXT_STEP),
        "connection": one.connection,
        "stream": one.stream,
        "external_id": one.external_id,
        "field": one.field,
        "at": instant(one.at),
        "size_bytes": len(one.raw),
    }


def replay(office: Office, letter_id: int) -> Doc:
    """Try one dead letter again: a record is fetched afresh by its id; one without id is taken from its kept payload.

    A push that was refused is due again. Raises UsageError where there is no such open dead letter.
    """

    def work(unit: Unit) -> Doc:
        letter = _open_letter(unit, letter_id)
        if letter.code not in PUSHES and not letter.external_id:
            return _from_payload(unit, office, letter)
        letter.state = DeadState.REPLAYED
        unit.save_dead_letters([letter])
        return _push_again(unit, office, letter) or _read_again(unit, office, letter)

    done = office.write(work)
    office.wake()
    return done


def drop(office: Office, letter_id: int) -> Doc:
    """Let a dead letter go; it stays in the store, marked so."""

    def work(unit: Unit) -> Doc:
        letter = _open_letter(unit, letter_id)
        letter.state = DeadState.DISCARDED
        unit.save_dead_letters([letter])
        return {"id": letter.id, "how": "dropped"}

    return office.write(work)


def _open_letter(unit: Unit, letter_id: int) -> DeadLetter:
    letter = unit.dead_letters_by_id([letter_id]).get(letter_id)
    if letter is None or letter.state is not DeadState.OPEN:
        raise UsageError(f"There is no open dead letter {letter_id}.", fix="See `hub deadletter list`.")
    return letter


def _from_payload(unit: Unit, office: Office, letter: DeadLetter) -> Doc:
    if (letter.connection, letter.stream) not in office.ground.tables:
        fix = "Add the mapping first, or drop it."
        raise UsageError(f"Nothing reads `{letter.connection}/{letter.stream}` any more.", fix=fix)
    try:
        payload = orjson.loads(letter.raw)
    except orjson.JSONDecodeError:
        payload = None
    if not isinstance(payload, dict):
        raise UsageError("What was kept is not a record.", fix="Correct it in its file and ingest that again, then drop this.")
    now = office.clock.now()
    raw = RawRecord(letter.connection, letter.stream, payload, unit.next_id("seq"), now, now, Source.FILE)
    letter.state, letter.tries = DeadState.REPLAYED, letter.tries + 1
    unit.save_dead_letters([letter])
    fates = absorb(unit, office.ground, [raw], now).fates
    return {"id": letter.id, "how": "read from the kept payload", "ended": next(iter(fates)).value}


def _push_again(unit: Unit, office: Office, letter: DeadLetter) -> Doc | None:
    if letter.code not in PUSHES:
        return None
    named = set(filter(None, letter.field.split(",")))
    links = _links_of(unit, letter)
    for link in links:
        for path, claim in link.claims.items():
            if not named or path in named:
                claim.aside = 0
        unit.save_links([link])
    about = orjson.loads(letter.raw).get("entity")
    entity_ids = [link.entity_id for link in links] + ([about] if about else [])
    for delivery in unit.deliveries_of(entity_ids):
        if delivery.connection == letter.connection and (delivery.aside or delivery.left_out):
            delivery.aside = delivery.not_before = delivery.tries = 0
            # a record that is being made without a field gets it once it is there
            delivery.left_out = {path: version for path, version in delivery.left_out.items() if named and path not in named}
            unit.save_deliveries([delivery])
    settle_again(unit, office.ground, entity_ids, office.clock.now())
    return {"id": letter.id, "how": "sent again"}


def _links_of(unit: Unit, letter: DeadLetter) -> list[Link]:
    """Return the record a letter is about; a new one may have been made since, without what was refused."""
    if letter.external_id:
        return list(unit.links([LinkKey(letter.connection, letter.stream, letter.external_id)]).values())
    about = orjson.loads(letter.raw).get("entity")
    links = unit.links_of(unit.resolve([about]).values()) if about else []
    return [link for link in links if (link.connection, link.stream) == (letter.connection, letter.stream)]


def _read_again(unit: Unit, office: Office, letter: DeadLetter) -> Doc:
    now = office.clock.now()
    unit.add_hints([HintRow(letter.connection, letter.stream, letter.external_id or "", now, now, reason="replay")])
    return {"id": letter.id, "how": "read again from the system"}
