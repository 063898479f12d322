"""Writes the reference pages that the code itself knows: commands, config.yaml, errors, events.

`python -m tests.docs.reference` writes them; a test holds them against the code. What the code cannot say stands in `words.py`.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import indent
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.main import get_command

from hub import errors
from hub.cli.app import app
from hub.cli.surface import exit_code
from hub.config.shape import Config, PolicyKind
from hub.events import Event
from hub.ops.starter import connection_block, variables
from hub.sdk.manifest import Manifest
from hub.sdk.registry import load_connectors
from tests.docs.words import COMES, KEYS, POLICIES

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ROOT / "docs"
MARK: Final = "<!-- written by `python -m tests.docs.reference`; do not edit -->"
_KINDS: Final = {
    "read_duration": "duration (`500ms`, `30s`, `5m`, `1h`)",
    "read_money": "money (`500 EUR`)",
    "read_share": "share (`20%`)",
    "read_whole": "number",
    "read_several": "text or list of texts",
    "read_policy": "policy",
    "read_moves_by": "`levels`, `documents`",
}
_NAMES: Final = {str: "text", int: "number", float: "number", bool: "`true`, `false`"}
_GROUPS: Final = {
    errors.Retry: "The hub tries again, with growing pauses; nobody has to do anything.",
    errors.Pause: "That connection pauses; the others go on. `hub status` says so. It goes on by itself once the cause is gone.",
    errors.SetAside: "One record, field or change is set aside (`hub deadletter list`); everything else goes on.",
    errors.Refuse: "Nothing starts or changes. A file or a command is wrong; where a file is to blame, its line is named.",
    errors.Stop: "The hub stops rather than go on with something it cannot vouch for.",
}


def pages() -> dict[str, str]:
    """Return file name -> text."""
    connect = {f"how-to/connect-{name}.md": _connect(one.manifest) for name, one in load_connectors().items()}
    return {
        "reference/commands.md": _page("Commands", _commands()),
        "reference/config.md": _page("config.yaml", _config()),
        "reference/errors.md": _page("Errors and exit codes", _errors()),
        "reference/events.md": _page("Log events", _events()),
        **connect,
    }


def _page(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", MARK, *parts]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


# ---- commands


def _commands() -> Iterator[str]:
    yield (
        "`hub COMMAND --help` says the same at a terminal. `--json` prints one envelope, "
        '`{"version": 1, "command": ..., "data": ...}`, or `"error"` in place of `"data"`. Commands look for `config.yaml` in this '
        "folder; `--config`, or `HUB_CONFIG` in the environment, names another. See [errors](errors.md) for the exit codes."
    )
    for words, command in sorted(leaves(get_command(app))):
        params = [param for param in command.params if param.name not in ("config", "as_json")]
        arguments = [_metavar(param) for param in params if param.param_type_name == "argument"]
        options = "[OPTIONS]" if any(param.param_type_name == "option" for param in params) else ""
        yield f"## hub {' '.join(words)}"
        yield " ".join(inspect.cleandoc(command.help or "").split())
        yield "```text\n" + " ".join(filter(None, ["hub", *words, options, *arguments])) + "\n```"
        if params:
            yield table(("", "What it is"), [(f"`{_names(param)}`", _said(param)) for param in params])
        yield f"{command.epilog}"


def _metavar(param: Any) -> str:
    name = (param.metavar or param.name.upper()) + ("..." if param.nargs == -1 else "")
    return name if param.required else f"[{name}]"


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return the words of every command, and the command."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, one in inner.items():
        yield from leaves(one, (*path, name))


def _names(param: Any) -> str:
    if param.param_type_name == "argument":
        return _metavar(param).strip("[]")
    return ", ".join([*param.opts, *param.secondary_opts])


def _said(param: Any) -> str:
    text = str(param.help or "")
    plain = param.default is not None and isinstance(param.default, (str, int, float)) and not isinstance(param.default, bool)
    return f"{text} Default: `{param.default}`." if plain and str(param.default) else text


# ---- config.yaml


def _config() -> Iterator[str]:
    yield (
        "One file says what an installation runs; `hub init` writes one that explains itself. It is checked whole before anything "
        "starts: unknown keys, wrong values and what would count stock twice are refused with file, line, column and a fix "
        "(`hub check --offline`). `${NAME}` and `${NAME:-default}` take a value from the environment or from the file `.env` beside "
        "config.yaml, `${file:path}` the content of a file; secrets may stand nowhere else."
    )
    for path, shape in shapes(Config):
        yield f"## {path or 'At the top'}"
        rows = []
        for name, info in shape.model_fields.items():
            key = info.alias or name
            rows.append((f"`{key}`", kind_of(info), _default(info), KEYS.get(f"{path}.{key}".removeprefix("."), "")))
        yield table(("Key", "Is", "Default", "What it says"), rows)
    yield "## Policies"
    yield "Who is right where systems hold different values, per entity and field (or `default` for all fields of an entity)."
    yield table(("Policy", "Who wins"), [(f"`{kind.value}`", POLICIES[kind]) for kind in PolicyKind])


def shapes(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Return every shape of the file with its path, outermost first."""
    yield path, model
    for name, info in model.model_fields.items():
        inner = _model(info.annotation)
        if inner is not None:
            named = get_origin(info.annotation) is dict
            key = f"{path}.{info.alias or name}".removeprefix(".")
            yield from shapes(inner, f"{key}.NAME" if named else key)


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model(each)) is not None), None)


def kind_of(info: FieldInfo) -> str:
    """Return what a value of this key looks like."""
    readers = [getattr(each, "func", None) for each in info.metadata]
    said = next((_KINDS[reader.__name__] for reader in readers if reader is not None and reader.__name__ in _KINDS), "")
    return said or _shown(info.annotation)


def _shown(annotation: Any) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " or ".join(_shown(each) for each in args if each is not type(None))
    if origin is dict:
        inner = _model(annotation)
        return "a block per name" if inner is not None else f"{_shown(args[0])} -> {_shown(args[1])}"
    if origin in (list, tuple):
        return f"list of {_shown(args[0])}"
    if origin is not None:
        return _annotated(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        values = [f"`{each.value}`" for each in annotation]
        return ", ".join(values) if len(values) <= 8 else "an entity, such as `customer`"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "a block, see below"
    return _NAMES.get(annotation, "text")


def _annotated(annotation: Any) -> str:
    plain, *marks = get_args(annotation) if hasattr(annotation, "__metadata__") else (str,)
    readers = [getattr(getattr(mark, "func", None), "__name__", "") for mark in getattr(annotation, "__metadata__", marks)]
    return next((_KINDS[name] for name in readers if name in _KINDS), _shown(plain))


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "(needed)"
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or value in (None, {}, ""):
        return ""
    if isinstance(value, enum.Enum):
        return f"`{value.value}`"
    readers = {getattr(getattr(each, "func", None), "__name__", "") for each in info.metadata}
    if isinstance(value, float) and "read_share" in readers:
        return f"`{value:.0%}`"
    if isinstance(value, float) and "read_duration" in readers:
        return f"`{value / 3600:g}h`" if value >= 3600 else f"`{value:g}s`"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# ---- connecting a system


def _connect(manifest: Manifest) -> str:
    name = manifest.name
    block = re.sub("^#", "", connection_block(manifest), flags=re.MULTILINE).strip("\n")
    names = re.sub("^#(?=[A-Z])", "", variables(manifest), flags=re.MULTILINE).strip("\n")
    steps = [
        f"1. Get the credentials: [{manifest.title}](../../connectors/{name}/README.md#{_anchor(name)}) says where, and with which rights.",
        "2. Put them into `.env` beside `config.yaml` (`chmod 600 .env`). Leave out what is optional and you do not have:",
        indent(f"```ini\n{names}\n```", " " * 4),
        "3. Add a connection to `config.yaml`, under `connections:`. The name is yours:",
        indent(f"```yaml\nconnections:\n{block}\n```", " " * 4),
        "4. `hub check` asks the system who it is. Then start the hub and see what it reads: `hub status`, "
        f"`hub mapping show {name}/{next(iter(manifest.streams))}`.",
        "5. [Go live safely](go-live-safely.md).",
        f"What goes which way, and how safe each write is, stands in [what syncs](../reference/connectors.md); what to know about "
        f"{manifest.title}, on [its own page](../../connectors/{name}/README.md).",
    ]
    return _page(f"Connect {manifest.title}", steps)


def _anchor(name: str) -> str:
    heads = re.findall(r"^## (.*credentials.*)$", (ROOT / "connectors" / name / "README.md").read_text("utf-8"), re.MULTILINE)
    return str(heads[0]).lower().replace(" ", "-")


# ---- errors and events


def _errors() -> Iterator[str]:
    yield "Errors are grouped by what the hub does next. Each has a code that stays, a sentence without values, and what to do."
    rows = [
        ("0", "done"),
        ("1", "our fault: please report it"),
        ("2", "refused: a file or the command is wrong, nothing happened"),
    ]
    yield table(("Exit code", "Means"), [*rows, ("3", "a system, the network or the environment")])
    for group, text in _GROUPS.items():
        yield f"## {group.__name__}"
        yield text
        found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, group) and one is not group]
        kinds = sorted(found, key=lambda one: one.code)
        rows = [(f"`{one.code}`", " ".join(inspect.cleandoc(one.__doc__ or "").split()), str(_exit(one))) for one in kinds]
        yield table(("Code", "Means", "Exit code"), rows)


def _exit(kind: type[errors.HubError]) -> int:
    return exit_code(kind.__new__(kind))


def _events() -> Iterator[str]:
    yield (
        "`hub run` writes one line of JSON per event to standard error (readable lines where that is a terminal). Lines carry ids, "
        "counts and names of fields, never a value of a record or a secret."
    )
    source = "".join(path.read_text("utf-8") for folder in ("hub", "demo") for path in sorted((ROOT / folder).rglob("*.py")))
    rows = []
    for event in Event:
        found = re.findall(rf"\.(debug|info|warning|error|critical)\(\s*(?:[\w.]+ if [\w ]+ else )?Event\.{event.name}\b", source)
        rows.append((f"`{event.value}`", ", ".join(sorted(set(found))) or "varies", COMES.get(event.value, "")))
    yield table(("Event", "Level", "Comes when"), rows)


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (PAGES / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
