"""Another rule whose value counts, tried: which values would be chosen otherwise, and what would be written where.

In: a field, a rule as it was typed. Out: the records whose value would be another one, and the plan lines that would follow.
Nothing is stored, nobody is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from hub.config import Config, Policy, PolicyKind
from hub.config.load import unfit_policy
from hub.config.shape import read_policy
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.entity import Entity, EntityState
from hub.model.known import Known
from hub.model.record import EntityType
from hub.model.values import MISSING, Doc, Value
from hub.ops.consequences import as_plain, only_in, planned
from hub.ops.explain import rule_words
from hub.ops.find import entity_type
from hub.ops.installation import INSTANCE, Installation
from hub.ops.names import name_of, shown
from hub.ops.plan import BATCH, PlanItem, load, looking
from hub.reconcile import settle
from hub.runtime.assemble import make_ground
from hub.store import Reader, Unit
from hub.yamlfile import nearest

WITH_NAMES = (PolicyKind.OWNER.value, PolicyKind.PREFER.value)
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class Trial:
    """What came of it so far. `changed`, `asked`: how many records in all; `shown` and the plan lines only up to the limit."""

    looked_at: int = 0
    changed: int = 0
    asked: int = 0
    shown: list[Doc] = field(default_factory=list)
    more: list[PlanItem] = field(default_factory=list)
    less: list[PlanItem] = field(default_factory=list)


def read_words(words: Sequence[str]) -> Policy:
    """Return the policy that was typed: `newest`, `owner till`, `prefer crm shop`. Raises UsageError."""
    head, names = (words[0], [name.strip(",") for name in words[1:]]) if words else ("", [])
    value: Value = {head: names if head == "prefer" else " ".join(names)} if names else head
    try:
        return cast("Policy", read_policy(value))
    except ValueError as wrong:
        raise UsageError(str(wrong), fix="Such as `newest`, `owner till` or `prefer crm shop`.") from None


def kind_with(path: str, said: str | None) -> EntityType:
    """Return the entity a field belongs to. Raises UsageError where there is none, or more than one and none was said."""
    if said is not None:
        return entity_type(said)
    fitting = [kind.value for kind in EntityType if unfit_policy(kind, path, Policy()) is None]
    if len(fitting) == 1:
        return EntityType(fitting[0])
    if fitting:
        raise UsageError(f"More than one record has a `{path}`.", fix=f"Say --entity {' or '.join(fitting)}.")
    raise UsageError(f"Nothing has a field `{path}` that a rule could choose.", fix="See `hub explain` for the names of fields.")


def try_policy(
    installation: Installation,
    reader: Reader,
    path: str,
    words: Sequence[str],
    entity: str | None = None,
    *,
    limit: int = 200,
    tell: Tell = lambda _done, _of: None,
) -> Doc:
    """Choose every value of a field by another rule, in mind only. Raises UsageError for a rule that does not fit."""
    kind, policy = kind_with(path, entity), read_words(words)
    _check(installation.config, kind, path, policy)
    before = installation.ground(reader.flags().get(INSTANCE, ""))
    said = installation.config.policies.get(kind, {})
    policies = {**installation.config.policies, kind: {**said, path: policy}}
    config = installation.config.model_copy(update={"policies": policies})
    after = make_ground(config, installation.connectors, installation.tables, before.instance)
    trial, number = Trial(), reader.entity_counts().get(kind, 0)
    for page in _pages(reader, kind):
        _try_page(reader, before, after, page, path, trial, limit)
        tell(trial.looked_at, number)
    return {
        "entity": kind.value,
        "field": path,
        "rule": rule_words(policy),
        "rule_now": rule_words(before.policy(kind, path)),
        "looked_at": trial.looked_at,
        "changed": trial.changed,
        "asked": trial.asked,
        "records": trial.shown,
        "sent": as_plain(trial.more),
        "not_sent": as_plain(trial.less),
    }


def _check(config: Config, kind: EntityType, path: str, policy: Policy) -> None:
    for name in policy.order:
        if name not in config.connections:
            raise UsageError(f"There is no connection called `{name}`.", fix=nearest(name, config.connections))
    wrong = unfit_policy(kind, path, policy)
    if wrong is not None:
        raise UsageError(wrong[0], fix=wrong[1])


def _pages(reader: Reader, kind: EntityType) -> Iterator[list[Entity]]:
    after = 0
    while page := reader.entities_of_type(kind, after=after, limit=BATCH):
        yield page
        after = page[-1].id


def _try_page(reader: Reader, before: Ground, after: Ground, page: Sequence[Entity], path: str, trial: Trial, limit: int) -> None:
    known = looking(reader)
    load(cast("Unit", reader), known, [entity.id for entity in page])
    changed = []
    for one in page:
        entity = known.entities[one.id]
        if entity.state is not EntityState.LIVE or entity.alias_of is not None:
            continue
        trial.looked_at += 1
        rows = _choose(known, after, entity, path)
        trial.changed += bool(rows)
        if rows and len(trial.shown) < limit:
            changed.append(entity.id)
            trial.shown.append({"id": entity.id, "name": name_of(one), "changes": rows})
    trial.asked += len(known.questions)
    if changed:
        sent, now = planned(reader, known, after, changed), planned(reader, looking(reader), before, changed)
        trial.more += only_in(sent, now)
        trial.less += only_in(now, sent)


def _choose(known: Known, after: Ground, entity: Entity, path: str) -> list[Doc]:
    """Let a field, its elements and its family be chosen by the new rule; return what is another value now."""
    stated = [one for link in known.by_entity[entity.id] for one in link.claims]
    paths = [one for one in dict.fromkeys([*entity.golden, *stated]) if one == path or one.startswith((f"{path}/", f"{path}."))]
    was = {one: _value(entity, one) for one in paths}
    settle(known, after, entity, paths)
    found = [(one, was[one], _value(entity, one)) for one in paths]
    return [
        {
            "field": one,
            "from": None if old is MISSING else old,
            "to": None if new is MISSING else new,
            "shown": f"{_said(old, '(none yet)')} -> {_said(new, '(you would be asked)')}",
        }
        for one, old, new in found
        if old != new
    ]


def _said(value: Value, nothing: str) -> str:
    return nothing if value is MISSING else shown(value)


def _value(entity: Entity, path: str) -> Value:
    golden = entity.golden.get(path)
    return golden.value if golden is not None else MISSING
