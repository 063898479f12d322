"""The wheel: installed where nothing else of us is, `hub` works from any folder and has everything with it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.wheel import ROOT, build_wheel, install_wheel

CONNECTORS = sorted(path.parent.name for path in (ROOT / "connectors").glob("*/manifest.yaml"))
NAME = re.compile(r"[a-zA-Z0-9._-]+")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh venv."""
    return install_wheel(wheel, tmp_path_factory.mktemp("installed") / "venv")


def hub(programs: Path, folder: Path, *words: str) -> Any:
    """Run a command in a folder with nothing in the environment; return its data."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run([programs / "hub", *words, "--json"], cwd=folder, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["data"]


def test_wheel_holds_every_file_that_is_no_code(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("hub", "connectors", "mappings", "demo")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - held == set()
    assert [name for name in held if name.startswith(("tests/", "docs/"))] == []


def test_wheel_asks_for_what_is_pinned(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
    asked = [line.partition(": ")[2] for line in archive.read(name).decode().splitlines() if line.startswith("Requires-Dist")]
    of_extra = [one for one in asked if one.endswith('extra == "otel"')]
    assert names(one for one in asked if one not in of_extra) == names(_lines("runtime.in"))
    assert names(of_extra) == names(_lines("otel.in"))


@pytest.mark.parametrize(("asked", "pinned"), [("runtime.in", "runtime.txt"), ("otel.in", "otel.txt")])
def test_every_bound_admits_what_is_pinned_and_nothing_older_than_was_tested(asked: str, pinned: str) -> None:
    pins = {name: version for line in _lines(pinned) if "==" in line for name, _, version in [line.split()[0].partition("==")]}
    wanted = [Requirement(line) for line in _lines(asked) if line and not line.startswith("#")]
    assert [one.name for one in wanted if not one.specifier.contains(pins[canonicalize_name(one.name)])] == []
    assert [one.name for one in wanted if ">=" not in str(one.specifier)] == []


def names(lines: Iterable[str]) -> set[str]:
    """Return the packages that such lines ask for."""
    return {found[0] for line in lines if (found := NAME.match(line))}


def _lines(name: str) -> list[str]:
    return (ROOT / "requirements" / name).read_text("utf-8").splitlines()


def test_hub_is_ready_in_any_folder_when_the_wheel_is_installed(programs: Path, tmp_path: Path) -> None:
    assert "config.yaml" in hub(programs, tmp_path, "init", "shops")["wrote"]
    config = tmp_path / "shops" / "config.yaml"
    secrets = {"square": "access_token", "shopify": "access_token", "hubspot": "access_token"}
    lines = [
        f'  {name}: {{connector: {name}, settings: {{base_url: "https://x.test"{_secret(secrets.get(name))}}}}}'
        for name in CONNECTORS
    ]
    config.write_text("connections:\n" + "\n".join(lines) + "\n", "utf-8")
    said = {line["what"]: line for line in hub(programs, tmp_path / "shops", "check", "--offline")}
    assert {line["result"] for line in said.values()} == {"ok"}
    assert f"{len(CONNECTORS)} connections, {len(CONNECTORS)} connectors" in said["config.yaml"]["says"]


def _secret(name: str | None) -> str:
    return f', {name}: "${{X:-demo}}"' if name else ""


def test_demo_comes_with_the_wheel(programs: Path, tmp_path: Path) -> None:
    check = "import demo, hub, demo.run, demo.stage; assert demo.stage.SHIPPED.is_file(); print(hub.__file__)"
    done = subprocess.run([programs / "python", "-c", check], cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert str(programs.parent) in done.stdout


def test_version_is_that_of_the_package(wheel: Path, programs: Path, tmp_path: Path) -> None:
    done = subprocess.run([programs / "hub", "--version"], cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert wheel.name.split("-")[1] == done.stdout.strip()
    assert importlib.metadata.version("syncline") == done.stdout.strip()
