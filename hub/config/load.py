"""Reading config.yaml: the environment filled in, the shapes checked, then everything that only the whole file shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from hub.config.doors import refuse_doors
from hub.config.shape import NAME, Config, ConnectionConfig, ConnectorFacts, Delete, MovesBy, Policy, PolicyKind, StockRule
from hub.errors import ConfigError
from hub.model.entities import FAMILIES, FIELDS, Kind, kind_of
from hub.model.record import EntityType
from hub.yamlfile import Where, YamlFile, nearest, open_yaml, quoted, read_yaml, typed

_REFERENCE: Final = re.compile(r"\$\{(?:file:(?P<file>[^}]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?)\}")
_DEMO: Final = "demo"
"""What the literal default of a secret must start with, so that a real one never stands in the file."""


def load_config(path: Path, *, environ: Mapping[str, str], connectors: Mapping[str, ConnectorFacts]) -> Config:
    """Read config.yaml. `${file:...}` counts from its folder. Raises ConfigError with file, line and fix; nothing starts then."""
    return _config(open_yaml(path), path.parent, environ, connectors)


def referenced_files(path: Path) -> list[Path]:
    """Return the files whose content a config.yaml takes in by `${file:...}`."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return [path.parent / found["file"] for found in _REFERENCE.finditer(text) if found["file"]]


def parse_config(
    text: str, *, environ: Mapping[str, str], connectors: Mapping[str, ConnectorFacts], file: str = "config.yaml"
) -> Config:
    """Read the text of a config.yaml."""
    return _config(read_yaml(text, file), Path(), environ, connectors)


def _config(source: YamlFile, folder: Path, environ: Mapping[str, str], connectors: Mapping[str, ConnectorFacts]) -> Config:
    raw = source.data
    filled = _Environment(source, folder, environ).fill(raw, ())
    config = typed(Config, source, filled)
    for error in _refusals(source, config, raw, connectors):
        raise error
    return _complete(config, connectors)


class _Environment:
    """Fills `${NAME}`, `${NAME:-default}` and `${file:path}` into every text of the file; `$${` stands for `${`."""

    def __init__(self, source: YamlFile, folder: Path, environ: Mapping[str, str]) -> None:
        self._source = source
        self._folder = folder
        self._environ = environ

    def fill(self, value: Any, where: Where) -> Any:
        """Return a value with its references replaced."""
        if isinstance(value, dict):
            return {key: self.fill(inner, (*where, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, (*where, index)) for index, inner in enumerate(value)]
        return self._text(value, where) if isinstance(value, str) and "${" in value else value

    def _text(self, text: str, where: Where) -> str:
        pieces = text.split("$${")
        filled = [_REFERENCE.sub(lambda found: self._value(found, where), piece) for piece in pieces]
        if any("${" in _REFERENCE.sub("", piece) for piece in pieces):
            raise self._source.error(where, "A reference is not complete.", "Write `${NAME}` or `${NAME:-default}`.")
        return "${".join(filled)

    def _value(self, found: re.Match[str], where: Where) -> str:
        if found["file"]:
            return self._file(found["file"], where)
        value = self._environ.get(found["name"], "")
        if value:
            return value
        if found["default"] is None:
            fix = "Write it into `.env` beside this file, or into the environment."
            raise self._source.error(where, f"`{found['name']}` is not set.", fix)
        return found["default"]

    def _file(self, name: str, where: Where) -> str:
        try:
            return (self._folder / name).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            pass
        raise self._source.error(where, f"The file `{name}` cannot be read.", "It holds the value and nothing else.")


def _refusals(source: YamlFile, config: Config, raw: Any, connectors: Mapping[str, ConnectorFacts]) -> Iterator[ConfigError]:
    for name, connection in config.connections.items():
        where: Where = ("connections", name)
        facts = connectors.get(connection.connector)
        if name in ("none", "default") or not re.fullmatch(NAME, name):
            yield source.error(where, f"`{name}` cannot be the name of a connection.")
        if facts is None:
            fix = nearest(connection.connector, connectors)
            yield source.error((*where, "connector"), f"There is no connector called `{connection.connector}`.", fix)
            continue
        yield from _settings(source, connection, raw["connections"][name], facts, where)
        yield from _entities(source, connection, facts, where)
        yield from _moves(source, connection, facts, where)
    yield from refuse_doors(source, config, raw, _REFERENCE)
    yield from _ranks(source, raw)
    yield from _accounts(source, config)
    yield from _stock(source, config)
    yield from _policies(source, config)
    for entity, name in config.deletes_from.items():
        if name != "none" and name not in config.connections:
            fix = nearest(name, config.connections)
            yield source.error(("deletes_from", entity.value), f"There is no connection called `{name}`.", fix)


def _settings(
    source: YamlFile, connection: ConnectionConfig, raw: Any, facts: ConnectorFacts, where: Where
) -> Iterator[ConfigError]:
    for name in connection.settings:
        here = (*where, "settings", name)
        if name not in facts.settings:
            yield source.error(here, f"`{connection.connector}` has no setting `{name}`.", nearest(name, facts.settings))
            continue
        found = _REFERENCE.fullmatch(str(raw["settings"][name]))
        if facts.settings[name].secret and (found is None or not (found["default"] or _DEMO).startswith(_DEMO)):
            fix = f"Write `${{{name.upper()}}}` or `${{file:...}}`; a default may only be a demo's and start with `{_DEMO}`."
            yield source.error(here, f"`{name}` is a secret and must not stand in this file.", fix)
    missing = [name for name, fact in facts.settings.items() if fact.required and not connection.settings.get(name)]
    if missing:
        yield source.error((*where, "settings"), f"`{connection.connector}` needs {quoted(missing)}.", "Add it under `settings`.")


def _entities(source: YamlFile, connection: ConnectionConfig, facts: ConnectorFacts, where: Where) -> Iterator[ConfigError]:
    for entity in connection.entities:
        if entity not in facts.entities:
            known = ", ".join(sorted(facts.entities))
            yield source.error(
                (*where, "entities", entity.value), f"`{connection.connector}` has no {entity}.", f"It has: {known}."
            )
        elif connection.entities[entity].delete is Delete.ARCHIVE and entity not in facts.archives:  # Rule 6.32
            known = ", ".join(sorted(facts.archives)) or "nothing"
            text = f"`{connection.connector}` cannot archive a {entity}."
            fix = f"It can archive: {known}. Else write `delete: unlink` or `delete: delete`."
            yield source.error((*where, "entities", entity.value, "delete"), text, fix)


def _moves(source: YamlFile, connection: ConnectionConfig, facts: ConnectorFacts, where: Where) -> Iterator[ConfigError]:
    """Refuse stock that nothing there could ever move."""
    ways = {code: rule.moves_by for code, rule in connection.stock.items()}
    if MovesBy.LEVELS in ways.values() and EntityType.INVENTORY_LEVEL not in facts.entities:
        yield source.error((*where, "stock"), f"`{connection.connector}` has no stock.", "Remove these lines.")
    code = next((code for code, way in ways.items() if way is MovesBy.DOCUMENTS), None)
    if code is not None and EntityType.ORDER not in facts.entities:
        text = f"`{connection.connector}` tells no orders, so nothing would ever move."
        yield source.error((*where, "stock", code, "moves_by"), text, "Write `moves_by: levels`.")


def _ranks(source: YamlFile, raw: Any) -> Iterator[ConfigError]:
    seen: dict[int, str] = {}
    for name, connection in (raw.get("connections") or {}).items():
        rank = connection.get("seed_rank")
        if rank in seen:
            first = source.place(("connections", seen[rank], "seed_rank")).line
            message = f"`{seen[rank]}` (line {first}) has the same `seed_rank`."
            yield source.error(("connections", name, "seed_rank"), message, "Give each its own.")
        if rank is not None:
            seen[rank] = name


def _accounts(source: YamlFile, config: Config) -> Iterator[ConfigError]:
    for (first, one), (second, other) in combinations(config.connections.items(), 2):
        if one.connector == other.connector and one.settings == other.settings:
            line = source.place(("connections", first)).line
            message = f"`{first}` (line {line}) and `{second}` are the same account, so its changes and stock would count twice."
            yield source.error(("connections", second), message, "Remove one of them.")


def _stock(source: YamlFile, config: Config) -> Iterator[ConfigError]:
    """Exactly one connection opens each location: two would count its stock twice, none would never know it (Rule 7.22)."""
    locations = sorted({code for connection in config.connections.values() for code in connection.stock})
    for code in locations:
        rules = [(name, rule) for name, connection in config.connections.items() if (rule := connection.stock_rule(code))]
        opening = [name for name, rule in rules if rule.opening]
        if len(opening) > 1:
            first, second = (_opening_place(config, name, code) for name in opening[:2])
            message = f"`{code}` is opened twice: by `{opening[0]}` (line {source.place(first).line}) and by `{opening[1]}`."
            yield source.error(second, message, "Its stock would count twice; exactly one connection has `opening: true`.")
        elif not opening:
            where = next(("connections", name, "stock", code) for name, _ in rules if code in config.connections[name].stock)
            yield source.error(
                where, f"No connection opens `{code}`, so its stock would never be known.", "Add `opening: true` to one."
            )


def _opening_place(config: Config, name: str, code: str) -> Where:
    explicit: dict[str, StockRule] = config.connections[name].stock
    return ("connections", name, "stock", code if code in explicit else "default", "opening")


def _policies(source: YamlFile, config: Config) -> Iterator[ConfigError]:
    for entity, said in config.policies.items():
        for path, policy in said.items():
            where: Where = ("policies", entity.value, path)
            for name in policy.order:
                if name not in config.connections:
                    yield source.error(where, f"There is no connection called `{name}`.", nearest(name, config.connections))
            reason = unfit_policy(entity, path, policy)
            if reason:
                yield source.error(where, *reason)


def unfit_policy(entity: EntityType, path: str, policy: Policy) -> tuple[str, str] | None:
    """Return why a policy does not fit a field, and the fix."""
    kind = FAMILIES.get(path) if path in FAMILIES else None if path == "default" else kind_of(entity, path)
    if path != "default" and (kind is None or (path.partition(".")[0] in FIELDS[entity] and "." in path)):
        return f"A {entity} has no field `{path}` of its own.", nearest(path, [*FIELDS[entity], *FAMILIES, "default"])
    if kind is Kind.QUANTITY:
        return f"`{path}` is a sum of movements, so no policy chooses it.", "Configure `stock` instead."
    if policy.kind is PolicyKind.UNION and kind not in (Kind.LIST, Kind.SET):
        return "`union` is for lists.", "Choose another policy."
    if policy.kind is PolicyKind.MOST_RESTRICTIVE and path.partition(".")[0] != "consent":
        return "`most_restrictive` is for consent.", "Choose another policy."
    return None


def _complete(config: Config, connectors: Mapping[str, ConnectorFacts]) -> Config:
    """Fill what the file leaves out: defaults of settings, and ranks from the order in the file (a written one goes first)."""
    names = list(config.connections)
    order = sorted(names, key=lambda name: _rank(config.connections[name], names.index(name)))
    connections = {}
    for name, connection in config.connections.items():
        facts = connectors[connection.connector].settings
        defaults = {key: fact.default for key, fact in facts.items() if fact.default is not None}
        update = {"settings": {**defaults, **connection.settings}, "seed_rank": order.index(name) + 1}
        connections[name] = connection.model_copy(update=update)
    return config.model_copy(update={"connections": connections})


def _rank(connection: ConnectionConfig, position: int) -> tuple[int, bool, int]:
    return (connection.seed_rank or position + 1, not connection.seed_rank, position)
