"""Mapping files as an admin works with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson

from hub.errors import RecordRefused, UsageError
from hub.mapping import Mapping, check, load, show
from hub.model.values import Doc
from hub.ops.installation import Installation
from hub.yamlfile import nearest


def check_files(files: Iterable[Path]) -> list[Doc]:
    """Return everything that is wrong with these files."""
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            message = "This cannot be read as a UTF-8 text file."
            found.append({"place": f"{path.as_posix()}:1:1", "message": message, "fix": "Check its name and its encoding."})
            continue
        found += [{"place": str(e.place), "message": e.message, "fix": e.fix} for e in check(text, path.as_posix())]
    return found


def mapping_of(installation: Installation, target: str) -> tuple[str, Mapping]:
    """Return the connection (or connector) and the mapping that `NAME/STREAM` means. Raises UsageError."""
    name, _, stream = target.partition("/")
    config = installation.config.connections.get(name)
    connector = config.connector if config is not None else name
    tables = installation.tables.get(connector)
    if tables is None:
        raise UsageError(f"There is no connection called `{name}`.", fix=nearest(name, installation.config.connections))
    if stream not in tables:
        raise UsageError(f"`{name}` has no mapping for `{stream}`.", fix=nearest(stream, tables))
    return name, tables[stream]


def show_mapping(installation: Installation, target: str) -> list[Doc]:
    """Return the lines of a mapping."""
    _, mapping = mapping_of(installation, target)
    return [{"ours": row.left, "ways": row.ways, "theirs": row.right, "notes": row.notes} for row in show(mapping)]


def copy_mapping(installation: Installation, target: str) -> Doc:
    """Copy the file of a mapping into the installation's own folder. Raises UsageError where one is there already."""
    name, mapping = mapping_of(installation, target)
    config = installation.config.connections.get(name)
    connector = config.connector if config is not None else name
    shipped = _file_of(installation, connector, mapping.stream)
    file = installation.folder / installation.config.mappings[-1] / connector / shipped.name
    if file.exists():
        raise UsageError(f"{file} is there already.", fix="Edit it. To begin anew, remove it first.")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(shipped.read_bytes())
    return {"file": file.as_posix(), "from": shipped.as_posix()}


def _file_of(installation: Installation, connector: str, stream: str) -> Path:
    """Return the file that holds the table of a stream; the table of a part stands in the file of its whole."""
    files = [path for folder in installation.mapping_folders for path in sorted((folder / connector).glob("*.yaml"))]
    return next(path for path in reversed(files) if stream in load(path.read_text(encoding="utf-8"), str(path)).streams)


def try_mapping(installation: Installation, target: str, file: Path) -> Doc:
    """Read one record through a mapping. Raises UsageError for a file that is no record or that the mapping refuses."""
    name, mapping = mapping_of(installation, target)
    try:
        doc = orjson.loads(file.read_bytes())
    except OSError:
        raise UsageError(f"{file} cannot be read.", fix="Name a file with one raw record as JSON.") from None
    except orjson.JSONDecodeError as wrong:
        raise UsageError(f"{file}:{wrong.lineno}:{wrong.colno}: this is not JSON.", fix="Correct it there.") from None
    if not isinstance(doc, dict):
        raise UsageError(f"{file} holds no single record.", fix="Give one JSON object.")
    config = installation.config.connections.get(name)
    try:
        reading = mapping.read(doc, config.settings if config else {})
    except RecordRefused as refused:
        where = f" ({refused.path})" if refused.path else ""
        raise UsageError(f"This record is refused{where}: {refused.message}", fix=refused.fix or "Correct the record.") from None
    return {
        "records": [
            {
                "entity": record.entity.value,
                "external_id": record.external_id,
                "fields": record.fields,
                "lists": {key: [one.values for one in elements] for key, elements in record.lists.items()},
                "refers_to": {key: ref.external_id if ref else None for key, ref in record.refs.items()},
            }
            for record in reading.records
        ],
        "skipped": reading.skipped or "",
        "surprises": [{"path": one.path, "kind": one.kind.value} for one in reading.drift],
    }
