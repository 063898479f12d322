"""Documents hang on customers, orders and tickets: attach them as soon as both are known, whichever comes first.

A document without its customer (a guest's order, a ticket from a new address) is taken in all the same. It is attached when the
record it names comes in, or when a customer with the guest's e-mail is known: nobody is invented for it.
"""

from __future__ import annotations

from hub.model.documents import DERIVED, FACES, OUR_TAGS, REFERENCES, Document
from hub.model.entity import Entity, EntityState
from hub.model.known import Known, MatchKey
from hub.model.link import Link, LinkKey
from hub.model.record import DOCUMENTS, PARENTS, EntityType, Record
from hub.model.values import MISSING, Micros, Value
from hub.reconcile.identify import is_shared

GUEST = frozenset({EntityType.ORDER, EntityType.TICKET})
"""Documents that carry the e-mail of whom they are from."""


def is_document(entity: EntityType) -> bool:
    """Say whether an entity is appended once and lives in its system of origin."""
    return entity in DOCUMENTS


def is_soft(entity: EntityType, name: str) -> bool:
    """Say whether a record is taken in although what it refers to is not known yet."""
    return entity in DOCUMENTS and PARENTS.get(entity) != name


def only_shows(link: Link) -> bool:
    """Say whether a record only shows what lives elsewhere: a document that we made there never votes (Rule 6.50)."""
    return link.by_hub and link.entity_type in DOCUMENTS  # Rule 6.50


def is_derived(path: str) -> bool:
    """Say whether a field is worked out by the hub: what a system shows of it never votes."""
    return path.startswith((DERIVED, OUR_TAGS))


def home_link(known: Known, entity: Entity) -> Link | None:
    """Return the link to the record that a document is."""
    return next((link for link in known.by_entity.get(entity.id, ()) if not link.by_hub), None)


def note_references(link: Link, record: Record) -> None:
    """Keep what a document refers to as it was said, so that it can be attached later."""
    for name, ref in record.refs.items():
        said = None if ref is None else f"{ref.stream}/{ref.external_id}" if ref.stream else f"#{ref.external_id}"
        if said is None:
            link.refs.pop(name, None)
        else:
            link.refs[name] = said


def note_shown(known: Known, link: Link, record: Record) -> None:
    """Keep what a record that only shows something refers to, as it was read; where that changed, it is tried again."""
    if not only_shows(link):
        return
    before = dict(link.refs)
    note_references(link, record)
    changed = {name for name in {*before, *link.refs} if before.get(name) != link.refs.get(name)}
    for name in changed & link.claims.keys():
        link.claims[name].misses = 0
    if changed:
        known.touch(known.resolve(link.entity_id))


def bare(number: str) -> str:
    """Return a number without the sign before it: `#1001` and `1001` are one number, whichever of them somebody typed."""
    return number.removeprefix("#")


def attach(known: Known, link: Link) -> None:
    """Hang a document on what is known by now of what it refers to."""
    entity = known.resolve(link.entity_id)
    before = dict(entity.refs)
    for name in REFERENCES[entity.type]:
        said = link.refs.get(name)
        target = _target(known, link, REFERENCES[entity.type][name], said) if said is not None else None
        if target is not None:
            entity.refs[name] = target
        elif said is None and name != "customer":
            entity.refs.pop(name, None)
    if entity.type in GUEST and "customer" not in link.refs:
        customer = _by_email(known, entity)
        if customer is not None:
            entity.refs["customer"] = customer
        else:
            entity.refs.pop("customer", None)
    if entity.refs != before:
        known.touch(entity)


def _target(known: Known, link: Link, kind: EntityType, said: str) -> int | None:
    if said.startswith("#"):
        found = known.numbered.get((kind, bare(said[1:])), [])
        return found[0] if len(found) == 1 else None
    target = known.links.get(LinkKey(link.connection, *said.split("/", 1)))
    return known.resolve(target.entity_id).id if target is not None else None


def email_key(entity: Entity) -> MatchKey | None:
    """Return by what the customer of a guest's document is found."""
    golden = entity.golden.get("email")
    if golden is None or not golden.value:
        return None
    return EntityType.CUSTOMER, "email", str(golden.value).strip().casefold()


def _by_email(known: Known, entity: Entity) -> int | None:
    key = email_key(entity)
    carriers = known.keys.get(key, []) if key is not None else []
    if not carriers or is_shared(known, carriers):
        return None
    people = {known.resolve(entity_id).id for _, entity_id in carriers}
    living = [one for one in people if known.entities[one].state is EntityState.LIVE]
    return living[0] if len(living) == 1 else None  # Rule 6.55


def line_of(known: Known, entity: Entity, instant: Micros | None) -> Document:
    """Return a document's line in the index. `instant`: its own time in µs, None where it has none."""
    face, link = FACES[entity.type], home_link(known, entity)
    amount = _value(entity, face.amount)
    said = link.refs if link is not None else {}
    left = [name for name in ("customer", "order", "ticket") if name in said and name not in entity.refs]
    waits = {name: _waits(link, said[name]) for name in left}
    guest = entity.type in GUEST and "customer" not in entity.refs and "customer" not in said
    email = _value(entity, "email") if guest else None
    return Document(
        entity.id,
        entity.type,
        link.connection if link is not None else "",
        _text(_value(entity, face.number)),
        _text(_value(entity, face.state)),
        instant if instant is not None else entity.born_at,
        amount["amount"] if isinstance(amount, dict) else None,
        amount["currency"] if isinstance(amount, dict) else None,
        _living(known, entity, "customer"),
        _living(known, entity, "order"),
        _living(known, entity, "ticket"),
        waits.get("customer"),
        waits.get("order"),
        waits.get("ticket"),
        str(email).strip().casefold() if email else None,
    )


def _living(known: Known, entity: Entity, name: str) -> int | None:
    target = entity.refs.get(name)
    return known.resolve(target).id if target is not None else None


def _waits(link: Link | None, said: str) -> str:
    return said if said.startswith("#") or link is None else f"{link.connection}/{said}"


def _value(entity: Entity, path: str) -> Value:
    golden = entity.golden.get(path) if path else None
    return golden.value if golden is not None and golden.value is not MISSING else None


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
