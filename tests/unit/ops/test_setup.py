"""What `hub init` leaves behind: files that explain themselves, and that are right as soon as they are filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hub.config import Config, ConnectionConfig
from hub.errors import BadPayload, UsageError
from hub.ops.connections import probe
from hub.ops.installation import Installation, read_installation
from hub.ops.mappings import copy_mapping
from hub.ops.setup import check_installation, prepare
from hub.sdk.registry import load_connectors
from tests.unit.clocks import StillClock

FILES = ["config.yaml", ".env.example", ".gitignore", "mappings/README.md", "syncline.service"]
INSTALLED = load_connectors()


def filled(folder: Path, connector: str) -> None:
    """Do what the files say: take the marks away in front of one block, copy .env.example and fill it in."""
    config = folder / "config.yaml"
    before, start, rest = config.read_text("utf-8").partition(f"#\n#  {connector}:")
    block, _, after = rest.partition("\n#\n" if "\n#\n" in rest else "\n\n")
    text = before + (start + block).removeprefix("#\n").replace("\n#", "\n").removeprefix("#") + "\n#\n" + after
    config.write_text(text.replace("connections: {}", "connections:"), "utf-8")
    example = (folder / ".env.example").read_text("utf-8")
    env = folder / ".env"
    env.write_text(re.sub(r"^#([A-Z_]+)=$", r"\1=https://filled.test", example, flags=re.MULTILINE), "utf-8")
    env.chmod(0o600)


def test_init_writes_files_and_a_store_when_the_folder_is_empty(tmp_path: Path) -> None:
    done = prepare(tmp_path / "new")
    assert done["wrote"] == FILES
    assert [name for name in FILES if not (tmp_path / "new" / name).is_file()] == []
    assert {one["result"] for one in check_installation(read_installation(tmp_path / "new/config.yaml"), offline=True)} == {"ok"}


def test_init_leaves_files_alone_when_they_are_there(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n", "utf-8")
    prepare(tmp_path)
    (tmp_path / "config.yaml").write_text("retailer: Mine\n", "utf-8")
    (tmp_path / "syncline.service").unlink()
    assert prepare(tmp_path)["wrote"] == []
    assert (tmp_path / "config.yaml").read_text("utf-8") == "retailer: Mine\n"
    assert (tmp_path / ".gitignore").read_text("utf-8") == "mine\n"


def test_init_writes_one_file_when_a_file_is_named(tmp_path: Path) -> None:
    assert prepare(tmp_path / "shops.yaml")["wrote"] == ["shops.yaml"]
    assert {path.name for path in tmp_path.iterdir()} == {"shops.yaml", ".hub"}


@pytest.mark.parametrize("connector", INSTALLED)
def test_starter_is_right_when_a_block_is_filled_in_as_it_says(tmp_path: Path, connector: str) -> None:
    prepare(tmp_path)
    filled(tmp_path, connector)
    installation = read_installation(tmp_path / "config.yaml")
    assert list(installation.config.connections) == [connector]
    found = check_installation(installation, offline=True)
    assert [line for line in found if line["result"] != "ok"] == []
    settings = installation.config.connections[connector].settings
    assert {settings[name] for name in INSTALLED[connector].manifest.secrets()} == {"https://filled.test"}


def test_check_refuses_secrets_when_everybody_may_read_them(tmp_path: Path) -> None:
    prepare(tmp_path)
    filled(tmp_path, "square")
    (tmp_path / ".env").chmod(0o644)
    wrong = [line for line in check_installation(read_installation(tmp_path / "config.yaml"), offline=True) if line["fix"]]
    assert [(line["what"], line["result"]) for line in wrong] == [(".env", "refused")]
    assert "chmod 600" in wrong[0]["fix"]


def test_unit_runs_this_hub_in_its_folder_when_it_is_written(tmp_path: Path) -> None:
    prepare(tmp_path)
    lines = (tmp_path / "syncline.service").read_text("utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert said["WorkingDirectory"] == said["ReadWritePaths"] == str(tmp_path.resolve())
    assert "EnvironmentFile" not in said  # the hub reads .env itself and follows it; what the environment says would win for ever
    assert said["ExecStart"].endswith("hub run")
    assert float(said["TimeoutStopSec"]) > 10  # the hub takes up to ten seconds to stop


def test_copied_mapping_counts_when_it_is_edited(tmp_path: Path) -> None:
    prepare(tmp_path)
    filled(tmp_path, "shopify")
    done = copy_mapping(read_installation(tmp_path / "config.yaml"), "shopify/variants")  # its table is part of the products'
    own = tmp_path / "mappings/shopify/products.yaml"
    assert done["file"] == own.as_posix()
    assert own.read_bytes() == Path(done["from"]).read_bytes()
    assert "brand" in read_installation(tmp_path / "config.yaml").tables["shopify"]["products"].fields
    own.write_text(re.sub(r"^  brand:.*\n", "", own.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    assert "brand" not in read_installation(tmp_path / "config.yaml").tables["shopify"]["products"].fields
    with pytest.raises(UsageError, match="is there already"):
        copy_mapping(read_installation(tmp_path / "config.yaml"), "shopify/products")


class Puzzled:
    """A connector that cannot read who it talks to."""

    def __init__(self, there: Any) -> None:
        self._there = there

    def __getattr__(self, name: str) -> Any:
        return getattr(self._there, name)

    def probe(self, client: Any) -> str:
        empty: dict[str, str] = {}
        return empty["of ada@example.org"]


def test_check_goes_on_when_an_answer_cannot_be_understood(tmp_path: Path) -> None:
    square: Any = INSTALLED["square"]
    settings = {"base_url": "http://till.test", "access_token": "t"}
    config = Config(connections={"till": ConnectionConfig(connector="square", settings=settings)})
    puzzled = Installation(tmp_path / "config.yaml", config, {"square": square._replace(connector=Puzzled(square.connector))})
    (found,) = [one for one in check_installation(puzzled, offline=False) if one["what"] == "till"]
    assert ("not as the system documents" in found["says"], "ada@" in str(found), bool(found["fix"])) == (True, False, True)
    with pytest.raises(BadPayload, match="till/account"):
        probe(puzzled, "till", StillClock())
