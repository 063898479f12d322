"""Finds the connectors that are installed. The hub names none of them.

Convention: a folder with `manifest.yaml` inside one of the packages, whose module has `CONNECTOR` (an instance of `Connector`)
and, where there is a simulator, `FAKE` (a class derived from `hub.sdk.fake.Fake`).
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hub.errors import ConfigError, Place
from hub.sdk.base import Connector
from hub.sdk.fake import Fake
from hub.sdk.manifest import Manifest, load_manifest


class Installed(NamedTuple):
    """One connector: its code, its facts, its simulator."""

    connector: Connector[Any]
    manifest: Manifest
    fake: type[Fake] | None
    folder: Path


def load_connectors(packages: Sequence[str] = ("connectors",)) -> dict[str, Installed]:
    """Return every installed connector by name, in order of name. Raises ConfigError naming file and line."""
    out: dict[str, Installed] = {}
    for package in packages:
        for folder in _folders(package):
            shown = f"{package.replace('.', '/')}/{folder.name}"
            manifest = load_manifest(folder / "manifest.yaml", shown=f"{shown}/manifest.yaml")
            if manifest.name in out:
                place = Place(f"{shown}/manifest.yaml", 1, 1)
                raise ConfigError(f"There are two connectors called `{manifest.name}`.", place=place, fix="Rename one of them.")
            module = _import(f"{package}.{folder.name}", shown)
            connector = _attribute(module, "CONNECTOR", Connector, shown)
            fake = getattr(module, "FAKE", None)
            if fake is not None and not (isinstance(fake, type) and issubclass(fake, Fake)):
                raise _wrong(shown, "`FAKE` must be a class derived from Fake.")
            out[manifest.name] = Installed(connector, manifest, fake, folder)
    return dict(sorted(out.items()))


def _folders(package: str) -> list[Path]:
    try:
        roots = list(importlib.import_module(package).__path__)
    except (ImportError, AttributeError):
        raise ConfigError(f"There is no package of connectors called `{package}`.") from None
    return sorted(path.parent for root in roots for path in Path(root).glob("*/manifest.yaml"))


def _import(name: str, shown: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as broken:  # foreign Python, run for the first time: anything may come out of it
        last = traceback.extract_tb(broken.__traceback__)[-1]
        kind = type(broken).__name__
        at = Place(f"{shown}/{Path(last.filename).name}", last.lineno or 1, 1)
        if isinstance(broken, SyntaxError):
            at = Place(f"{shown}/{Path(broken.filename or '').name}", broken.lineno or 1, broken.offset or 1)
        raise ConfigError(f"The connector cannot be loaded: {kind}: {broken}.", place=at) from broken


def _attribute(module: Any, name: str, kind: type[Connector[Any]], shown: str) -> Connector[Any]:
    value = getattr(module, name, None)
    if not isinstance(value, kind):
        raise _wrong(shown, f"`{name}` must be an instance of {kind.__name__}.")
    return value


def _wrong(shown: str, message: str) -> ConfigError:
    return ConfigError(message, place=Place(f"{shown}/__init__.py", 1, 1))
