"""Before a hub runs: a folder made ready, files checked, systems asked who they are."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from hub.clock import Clock, SystemClock
from hub.config.environ import ENV_FILE, read_environ
from hub.errors import HubError, Refuse
from hub.mapping import check as check_text
from hub.model.values import Doc
from hub.ops.installation import Installation, instance_of, read_installation
from hub.ops.starter import starter
from hub.sdk.boundary import understood
from hub.sdk.patience import Patience
from hub.sdk.registry import load_connectors
from hub.store import open_reader

PROBE: Final = Patience(connect_s=5, read_s=10, answer_s=15, tries=1, limited_s=5)


def prepare(folder: Path) -> Doc:
    """Write a starter where there is no config.yaml, and make the store. What is there already is left as it is.

    Given a file instead of a folder, only that one is written.
    """
    alone = folder.suffix in (".yaml", ".yml")
    path = folder if alone else folder / "config.yaml"
    wrote = [] if path.exists() else _write_starter(path, alone=alone)
    installation = read_installation(path)
    store = installation.store()
    try:
        with store.unit() as unit:
            instance_of(unit, SystemClock())
    finally:
        store.close()
    connections = list(installation.config.connections)
    return {"config": str(path), "wrote_config": bool(wrote), "wrote": wrote, "connections": connections}


def _write_starter(path: Path, *, alone: bool) -> list[str]:
    """Write what is not there yet; return the names of the files, config.yaml first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files = starter(path.parent, {name: one.manifest for name, one in load_connectors().items()})
    wanted = {path.name: files["config.yaml"]} if alone else files
    written = []
    for name, text in wanted.items():
        file = path.parent / name
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append(name)
    return written


def check_installation(installation: Installation, *, offline: bool) -> list[Doc]:
    """Return a line per thing looked at: what, result (ok, refused, unreachable), what it says, what to do."""
    found = [
        _line("config.yaml", f"{len(installation.config.connections)} connections, {len(installation.installed)} connectors")
    ]
    found += _secrets(installation)
    found += _mappings(installation)
    found.append(_store(installation))
    if not offline:
        clock = SystemClock()
        found += [_probe(installation, name, clock) for name in installation.config.connections]
    return found


def _line(what: str, says: str, result: str = "ok", fix: str = "") -> Doc:
    return {"what": what, "result": result, "says": says, "fix": fix}


def _secrets(installation: Installation) -> list[Doc]:
    """Look who else may read what should be ours alone."""
    file = installation.folder / ENV_FILE
    if not file.exists():
        return []
    if file.stat().st_mode & stat.S_IROTH:
        return [_line(ENV_FILE, "everybody on this machine may read it", "refused", f"Call: chmod 600 {file}")]
    number = len(read_environ(file))
    return [_line(ENV_FILE, "1 variable" if number == 1 else f"{number} variables")]


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
        with understood(name, "account"):
            return _line(name, connector.probe(client))
    except HubError as error:
        return _line(
            name, error.message, _result(error), error.fix or "Check its settings, and that it can be reached from here."
        )


def _result(error: HubError) -> str:
    return "refused" if isinstance(error, Refuse) else "unreachable"
