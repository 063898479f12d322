"""Before a hub runs: a folder made ready, files checked, systems asked who they are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hub.clock import Clock, SystemClock
from hub.errors import HubError, Refuse
from hub.mapping import check as check_text
from hub.model.values import Doc
from hub.ops.installation import Installation, instance_of, read_installation
from hub.sdk.patience import Patience
from hub.store import open_reader

STARTER: Final = """\
# What this installation runs. `hub check` says what is wrong with it, with line and column.
# Secrets never stand here: write ${NAME} for a variable of the environment, or ${file:secrets/name}.
retailer: My shops
store: {url: "sqlite:///.hub/hub.db"}
receiver: {host: 127.0.0.1, port: 8100, public_url: "http://127.0.0.1:8100"}

connections: {}
#  shop:
#    connector: shopify
#    settings:
#      base_url: https://my-shop.myshopify.com
#      access_token: ${SHOPIFY_TOKEN}
#    start: observe            # observe: read only · propose: every change waits for your yes · live
#    entities:
#      customer: {create: always}

policies: {}
#  customer: {email: {prefer: [shop]}}
"""
PROBE: Final = Patience(connect_s=5, read_s=10, answer_s=15, tries=1, limited_s=5)


def prepare(folder: Path) -> Doc:
    """Write a starter config.yaml where there is none and make the store. An existing file is left as it is."""
    path = folder if folder.suffix in (".yaml", ".yml") else folder / "config.yaml"
    wrote = not path.exists()
    if wrote:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STARTER, encoding="utf-8")
    installation = read_installation(path)
    store = installation.store()
    try:
        with store.unit() as unit:
            instance_of(unit, SystemClock())
    finally:
        store.close()
    return {"config": str(path), "wrote_config": wrote, "connections": list(installation.config.connections)}


def check_installation(installation: Installation, *, offline: bool) -> list[Doc]:
    """Return a line per thing looked at: what, result (ok, refused, unreachable), what it says, what to do."""
    found = [
        _line("config.yaml", f"{len(installation.config.connections)} connections, {len(installation.installed)} connectors")
    ]
    found += _mappings(installation)
    found.append(_store(installation))
    if not offline:
        clock = SystemClock()
        found += [_probe(installation, name, clock) for name in installation.config.connections]
    return found


def _line(what: str, says: str, result: str = "ok", fix: str = "") -> Doc:
    return {"what": what, "result": result, "says": says, "fix": fix}


def _mappings(installation: Installation) -> list[Doc]:
    wrong = [
        _line(str(error.place), error.message, "refused", error.fix)
        for file in mapping_files(installation)
        for error in check_text(file.read_text(encoding="utf-8"), file.as_posix())
    ]
    if wrong:
        return wrong
    tables = installation.tables
    missing = [
        _line(name, f"no mapping file for `{one.connector}`", "refused", f"Add mappings/{one.connector}/<stream>.yaml.")
        for name, one in installation.config.connections.items()
        if not tables[one.connector]
    ]
    return missing or [_line("mappings", f"{sum(len(streams) for streams in tables.values())} streams")]


def mapping_files(installation: Installation) -> list[Path]:
    """Return the mapping files that count, those of later folders in place of the same names in earlier ones."""
    files: dict[str, Path] = {}
    used = sorted({one.connector for one in installation.config.connections.values()})
    for folder in installation.mapping_folders:
        for connector in used:
            files.update({f"{connector}/{path.name}": path for path in sorted((folder / connector).glob("*.yaml"))})
    return list(files.values())


def _store(installation: Installation) -> Doc:
    if installation.url.startswith("sqlite:///") and not Path(installation.url.removeprefix("sqlite:///")).exists():
        return _line("store", "not there yet; the first start makes it")
    try:
        with open_reader(installation.url) as reader:
            counts = reader.counts()
    except HubError as error:
        return _line("store", error.message, _result(error), error.fix)
    return _line("store", f"{counts['entities']} known, {counts['links']} records in systems")


def _probe(installation: Installation, name: str, clock: Clock) -> Doc:
    config = installation.config.connections[name]
    try:
        connector = installation.connectors[name]
        client = connector.client(config.settings, installation.http(name, config, clock, PROBE))
        return _line(name, connector.probe(client))
    except HubError as error:
        return _line(
            name, error.message, _result(error), error.fix or "Check its settings, and that it can be reached from here."
        )


def _result(error: HubError) -> str:
    return "refused" if isinstance(error, Refuse) else "unreachable"
