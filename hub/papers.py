"""How a batch files documents: what they hang on is loaded, whoever came late is attached, and the index and summaries follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.clock import micros
from hub.mapping.ground import Ground
from hub.model.documents import FACES, REFERENCES, Document
from hub.model.entity import Entity
from hub.model.known import Known, MatchKey
from hub.model.link import LinkKey
from hub.model.record import DOCUMENTS, EntityType, Observation
from hub.model.values import Micros
from hub.reconcile.attach import attach, bare, email_key, home_link, line_of
from hub.reconcile.golden import derive
from hub.retail import summarise, tags_of
from hub.store.known import load_entities, load_links, load_matches
from hub.store.unit import Unit


def load_papers(unit: Unit, known: Known, seen: Sequence[Observation]) -> None:
    """Load what the documents among these records refer to by number, and who has the e-mail of a guest."""
    numbers: dict[EntityType, list[str]] = {}
    emails: list[MatchKey] = []
    for each in seen:
        record = each.record
        if record.entity not in DOCUMENTS:
            continue
        for name, ref in record.refs.items():
            if ref is not None and not ref.stream:
                numbers.setdefault(REFERENCES[record.entity][name], []).append(ref.external_id)
        email = record.fields.get("email")
        if email and record.refs.get("customer") is None:
            emails.append((EntityType.CUSTOMER, "email", str(email).strip().casefold()))
    for kind, wanted in numbers.items():
        _load_numbered(unit, known, kind, wanted)
    load_matches(unit, known, EntityType.CUSTOMER, emails)


def _load_numbered(unit: Unit, known: Known, kind: EntityType, numbers: Sequence[str]) -> None:
    found: dict[str, list[int]] = {bare(number): [] for number in numbers}
    for document in unit.documents_numbered([spelled for number in found for spelled in (number, f"#{number}")], kind):
        if document.number is not None:
            found[bare(document.number)].append(document.entity_id)
    for number, ids in found.items():
        known.numbered[kind, number] = ids
    load_entities(unit, known, [one for ids in found.values() for one in ids])


def file_papers(unit: Unit, ground: Ground, known: Known, arrived: Sequence[str], now: Micros) -> None:
    """Attach documents to what came in, and write the index and the summaries of whom they belong to.

    `arrived`: the links that are new in this batch, as `connection/stream/external id`.
    """
    if not ground.files:
        return
    _look_at_shown(unit, ground, known, arrived)
    _attach_late(unit, known, arrived)
    papers = [entity for entity in known.changed_entities.values() if entity.type in DOCUMENTS]
    if not papers:
        return
    load_entities(unit, known, [target for entity in papers for target in entity.refs.values()])
    former = unit.documents([entity.id for entity in papers])
    lines = [line_of(known, entity, _time_of(entity)) for entity in papers]
    unit.save_documents([line for line in lines if line != former.get(line.entity_id)])
    people = {line.customer_id for line in (*lines, *former.values()) if line.customer_id is not None}
    parents = {line.order_id for line in lines if line.order_id is not None}
    orders = {entity.id for entity in papers if entity.type is EntityType.ORDER}
    load_refunds(unit, known, parents | orders)
    _look_at_refunds(unit, known, orders)
    people |= {order.customer_id for order in unit.documents(parents).values() if order.customer_id is not None}
    summarise_people(unit, ground, known, people, now)


def _look_at_shown(unit: Unit, ground: Ground, known: Known, arrived: Sequence[str]) -> None:
    """What only shows a document names its customer there as soon as the customer has a record there."""
    places = {connection for (connection, _), table in ground.tables.items() if table.projection and "customer" in table.refs}
    links = [known.links.get(LinkKey(*name.split("/", 2))) for name in arrived]
    there = [link for link in links if link and link.entity_type is EntityType.CUSTOMER and link.connection in places]
    refile(unit, known, [known.resolve(link.entity_id).id for link in there])  # Rule 6.56
    shown = [known.entities[one] for one in known.touched if known.entities[one].type in DOCUMENTS]
    load_entities(unit, known, [target for entity in shown for target in entity.refs.values()])


def _look_at_refunds(unit: Unit, known: Known, orders: Iterable[int]) -> None:
    """What may go back of an order depends on what was paid for it, which may have changed."""
    ids = [one.entity_id for order in orders for one in known.refunds[order]]
    load_entities(unit, known, ids)
    for one in ids:
        known.touch(known.entities[one])


def load_refunds(unit: Unit, known: Known, orders: Iterable[int]) -> None:
    """Load what went back of these orders, wherever that was."""
    found: dict[int, list[Document]] = {order: [] for order in orders}
    for one in unit.documents_of("order", found):
        if one.type is EntityType.REFUND and one.order_id is not None:
            found[one.order_id].append(one)
    known.refunds |= found


def refile(unit: Unit, known: Known, people: Sequence[int]) -> None:
    """Look again at whom the documents of these customers belong to: they were merged, or taken apart."""
    ids = [one.entity_id for one in unit.documents_of("customer", people)]
    load_entities(unit, known, ids)
    for one in ids:
        known.touch(known.entities[one])


def _attach_late(unit: Unit, known: Known, arrived: Sequence[str]) -> None:
    emails = [key[2] for key, _, _ in known.new_keys if key[:2] == (EntityType.CUSTOMER, "email")]
    numbers = [f"{sign}{bare(number)}" for number in _fresh_numbers(known) for sign in ("#", "##")]
    waiting = unit.documents_pending([*arrived, *numbers], emails) if arrived or emails else []
    load_entities(unit, known, waiting)
    here = [entity for entity in known.changed_entities.values() if entity.type in DOCUMENTS]
    both = {entity.id: entity for entity in (*(known.entities[one] for one in waiting), *here)}
    if waiting:
        _load_numbered(unit, known, EntityType.ORDER, [number.lstrip("#") for number in numbers])
    pending = [link for entity in both.values() if (link := home_link(known, entity)) is not None]
    load_links(unit, known, [LinkKey(link.connection, *said.split("/", 1)) for link in pending for said in _streams(link.refs)])
    for entity in both.values():
        if entity.type is EntityType.ORDER and "number" in entity.golden:
            ids = known.numbered.setdefault((entity.type, bare(str(entity.golden["number"].value))), [])
            ids += [entity.id] if entity.id not in ids else []
    guests = [both[known.resolve(link.entity_id).id] for link in pending if "customer" not in link.refs]
    emails_of = [key for entity in guests if (key := email_key(entity)) is not None]
    load_matches(unit, known, EntityType.CUSTOMER, emails_of)  # Rule 6.55: also of those that no record of this batch tells of
    for link in pending:
        attach(known, link)


def _streams(refs: dict[str, str]) -> list[str]:
    return [said for said in refs.values() if not said.startswith("#")]


def _fresh_numbers(known: Known) -> list[str]:
    papers = [entity for entity in known.changed_entities.values() if entity.type in DOCUMENTS]
    found = [entity.golden.get(FACES[entity.type].number) for entity in papers]
    return [str(golden.value) for golden in found if golden is not None and golden.value is not None]


def _time_of(entity: Entity) -> Micros | None:
    golden = entity.golden.get(FACES[entity.type].at)
    return micros(golden.value) if golden is not None and golden.value is not None else None


def summarise_people(unit: Unit, ground: Ground, known: Known, people: set[int], now: Micros) -> None:
    """Work out what systems show of people's documents and which tags they wear, where any system shows it."""
    if not people or not ground.summed:
        return
    load_entities(unit, known, people)
    for ident, purchases in unit.purchases(known.resolve(one).id for one in sorted(people)).items():
        values = summarise(purchases)
        if EntityType.CUSTOMER in ground.summed:
            entity = known.entities[ident]
            derive(known, ground, entity, values | tags_of(purchases, ground.config.tags, entity.golden), now)
        if EntityType.TICKET in ground.summed:
            _tell_tickets(unit, ground, known, ident, values["summary.context"], now)


def _tell_tickets(unit: Unit, ground: Ground, known: Known, customer: int, context: str | None, now: Micros) -> None:
    """The open tickets of a customer show what the customer bought, before an agent asks."""
    found = unit.documents_of("customer", [customer])
    tickets = [one.entity_id for one in found if one.type is EntityType.TICKET and one.state not in ("solved", "closed")]
    load_entities(unit, known, tickets)
    for ticket in tickets:
        derive(known, ground, known.entities[ticket], {"summary.context": context}, now)
