"""The Dockerfile and compose.yaml, read as text: not everywhere is an engine to build it, but what it names must be there."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from hub.ops.starter import CONFIG

ROOT = Path(__file__).parents[2]
TEXT = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text("utf-8"))
STEPS = [line.split(None, 1) for line in TEXT.splitlines() if line and not line.startswith("#")]
COPIED = [words.split()[:-1] for verb, words in STEPS if verb == "COPY" and not words.startswith("--from")]
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").split()
INSTALLS = [one for verb, words in STEPS if verb == "RUN" for one in words.split("&&") if "pip install" in one]

COMPOSE = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))


def argument(verb: str) -> str:
    """Return what the last such step says."""
    return [words for step, words in STEPS if step == verb][-1]


@pytest.mark.parametrize("path", [path for paths in COPIED for path in paths])
def test_image_copies_only_what_is_there(path: str) -> None:
    assert (ROOT / path).exists()
    assert path.partition("/")[0] not in IGNORED


def test_image_copies_what_the_package_is_made_of() -> None:
    copied = {path for paths in COPIED for path in paths}
    named = set(re.findall(r'^(?:readme|license-files) = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE))
    assert {
        "hub",
        "connectors",
        "mappings",
        "demo",
        "config.yaml",
        "pyproject.toml",
        "LICENSE",
        "requirements/runtime.in",
        "requirements/otel.in",
    } | named <= copied


@pytest.mark.parametrize("command", INSTALLS)
def test_image_installs_with_hashes_or_what_it_copied(command: str) -> None:
    assert "--require-hashes" in command or command.split()[-1] == "."


@pytest.mark.parametrize("name", ["runtime.txt", "build.txt", "otel.txt"])
def test_pinned_requirements_agree_with_those_of_the_tests(name: str) -> None:
    pinned = re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE)
    tested = re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)
    assert pinned
    assert set(pinned) <= set(tested)


def test_image_starts_a_command_that_exists_as_somebody_with_few_rights() -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name=json.loads(argument("ENTRYPOINT"))[0])
    assert callable(script.load())
    assert json.loads(argument("CMD")) == ["run"]
    assert argument("USER") not in ("root", "0")


def test_image_runs_the_hub_by_nobody_else_in_a_folder_of_its_own() -> None:
    last = TEXT.rpartition("\nFROM ")[2]
    assert "COPY --from=build /opt/hub /opt/hub" in last
    assert argument("WORKDIR") == "/app"
    assert "chown -R hub:hub /app" in last
    assert argument("STOPSIGNAL") == "SIGTERM"


def test_composition_says_what_the_starter_asks_for() -> None:
    hub, database = COMPOSE["services"]["syncline"], COMPOSE["services"]["db"]
    asked = set(re.findall(r"\$\{(\w+)", CONFIG))
    assert set(hub["environment"]) <= asked
    assert hub["environment"]["HUB_HOST"] == "0.0.0.0"
    stored = re.fullmatch(r"postgresql://(\w+):\$\{POSTGRES_PASSWORD[^}]*\}@(\w+)/(\w+)", hub["environment"]["HUB_STORE"])
    assert stored is not None
    assert stored.groups() == (database["environment"]["POSTGRES_USER"], "db", database["environment"]["POSTGRES_DB"])
    assert hub["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


def test_composition_fits_the_image() -> None:
    hub = COMPOSE["services"]["syncline"]
    (port,), state = hub["ports"], hub["volumes"][-1]
    assert port.rpartition(":")[2] == argument("EXPOSE")
    assert port.startswith("127.0.0.1:")
    assert state == f"state:{argument('VOLUME')}"
    assert int(hub["stop_grace_period"].removesuffix("s")) > 10  # the hub takes up to ten seconds
    assert set(COMPOSE["volumes"]) == {"state", COMPOSE["services"]["db"]["volumes"][0].partition(":")[0]}


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_health_check_tells_a_well_hub_from_an_unwell_one(status: int, code: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Stay silent."""

    _, *words = json.loads(argument("HEALTHCHECK").partition("CMD ")[2])
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        environ = {**os.environ, "HUB_PORT": str(server.server_port), "NO_PROXY": "*", "no_proxy": "*"}
        done = subprocess.run([sys.executable, *words], env=environ, capture_output=True, timeout=20, check=False)
    assert done.returncode == code
