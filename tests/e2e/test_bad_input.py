"""What comes in wrong: every case names what to do, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from hub.cli.surface import run_app
from hub.store import open_reader

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config.yaml").read_text("utf-8")


class Place:
    """A folder with an installation, and commands typed in it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.write_text(SHIPPED, "utf-8")
        self._capture = capture

    def hub(self, *words: str) -> tuple[int, str, str]:
        """Run a command; return exit code, what it printed, and its errors."""
        self._capture.readouterr()
        code = run_app([*words, "--config", str(self.config)])
        out, errors = self._capture.readouterr()
        return code, out, errors

    def ask(self, *words: str) -> Any:
        """Run a command with --json; return its data."""
        code, out, errors = self.hub(*words, "--json")
        assert code == 0, out + errors
        return json.loads(out)["data"]

    def lines(self, *lines: bytes) -> str:
        """Write a file of lines; return its name."""
        file = self.folder / "lines.jsonl"
        file.write_bytes(b"\n".join(lines) + b"\n")
        return str(file)


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a place of the demo retailer."""
    monkeypatch.setenv("SHOP_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TILL_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("COLUMNS", "200")
    return Place(tmp_path, capsys)


def swap(old: str, new: str) -> Callable[[str], str]:
    """Return a change of config.yaml that really changes it."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


FILES = {
    "unknown key": (swap("\nretailer:", "\nretialer:"), "retailer"),
    "duplicate key": (swap("policies:", "retailer: Twice\npolicies:"), "twice"),
    "wrong type": (swap("{create: always}      # products", "{create: sometimes}      # products"), "create"),
    "not a flag": (swap("{opening: true, reports: both}", "{opening: yes, reports: both}"), "true"),
    "unknown mode": (swap("start: live", "start: lively"), "live"),
    "missing variable": (swap("${SHOP_TOKEN:-demo-shopify-token}", "${SHOP_TOKEN_NOT_SET}"), "environment"),
    "secret in the file": (swap('"${SHOP_TOKEN:-demo-shopify-token}"', "shpat_0123456789abcdef"), "secret"),
    "unknown connector": (swap("connector: shopify", "connector: shopfy"), "shopify"),
    "unknown policy": (swap("{owner: shop}", "newset"), "newest"),
    "unknown connection": (swap("{owner: shop}", "{owner: shpo}"), "shop"),
    "duration without unit": (swap("${SHOP_EVERY:-20s}", "20"), "500ms"),
    "stock opened twice": (swap("store-1: {reports: both}", "store-1: {opening: true, reports: both}"), "twice"),
    "address without scheme": (swap('"${SHOP_URL:-http://127.0.0.1:8101}"', "my-shop.example"), "https://"),
    "address in clear": (swap('"${SHOP_URL:-http://127.0.0.1:8101}"', "http://my-shop.com"), "https://"),
    "not YAML": (swap("connections:", "connections: ["), "YAML"),
    "anchor": (swap("\nretailer: ", "\nretailer: &name "), "nchors"),
    "empty": (lambda _: "", "empty"),
}


@pytest.mark.parametrize(("change", "fix"), FILES.values(), ids=FILES)
def test_check_refuses_with_place_and_fix_when_config_is_wrong(place: Place, change: Callable[[str], str], fix: str) -> None:
    place.config.write_text(change(SHIPPED), "utf-8")
    code, out, _ = place.hub("check", "--json")
    said = json.loads(out)
    assert (code, said["version"], said["command"]) == (2, 1, "check")
    assert fix in said["error"]["message"] + said["error"]["fix"]
    file, line, column = said["error"]["place"].rsplit(":", 2)
    assert (file, int(line) >= 1, int(column) >= 1) == (str(place.config), True, True)
    assert "shpat_" not in out
    assert not (place.folder / ".hub").exists()


PLACELESS = {
    "store of another kind": (swap("sqlite:///.hub/hub.db", "mysql://x"), "sqlite"),
}


@pytest.mark.parametrize(("change", "fix"), PLACELESS.values(), ids=PLACELESS)
def test_check_lists_what_is_refused_when_it_shows_in_use_only(place: Place, change: Callable[[str], str], fix: str) -> None:
    place.config.write_text(change(SHIPPED), "utf-8")
    code, out, _ = place.hub("check", "--json")
    refused = [line for line in json.loads(out)["data"] if line["result"] == "refused"]
    assert (code, len(refused)) == (2, 1)
    assert fix in refused[0]["says"] + refused[0]["fix"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [("stream: customers", "stream: custmers", ":4:9"), ("connector: square", "connector: squar", ":3:12")],
)
@pytest.mark.parametrize("command", [["check", "--offline"], ["run"], ["mapping", "check"]], ids=lambda words: words[0])
def test_mapping_is_refused_when_it_is_for_nothing_there_is(
    place: Place, command: list[str], old: str, new: str, where: str
) -> None:
    own = place.folder / "demo" / "mappings" / "square" / "customers.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(swap(old, new)((ROOT / "mappings" / "square" / "customers.yaml").read_text("utf-8")), "utf-8")
    code, out, errors = place.hub(*command)
    assert code == 2
    assert f"{own.name}{where}" in out + errors
    assert "Did you mean `" in out + errors


COMMANDS = {
    "no config": (["status", "--config", "nowhere.yaml"], "hub init"),
    "no store": (["status"], "Start the hub once"),
    "unknown entity": (["show", "costumer", "1"], "customer"),
    "unknown mode": (["connection", "mode", "till", "alive"], "live"),
    "unknown connection": (["plan", "--connection", "tlil"], "till"),
    "no stream": (["ingest", "shop", "x.jsonl"], "CONNECTION/STREAM"),
    "no time": (["resync", "till", "--since", "yesterday"], "2026-03-01"),
    "no mapping": (["mapping", "show", "till/custmers"], "customers"),
    "nothing chosen": (["apply"], ""),
    "unknown command": (["sttaus"], "status"),
    "unknown option": (["status", "--jsno"], "json"),
}


@pytest.mark.parametrize(("words", "fix"), COMMANDS.values(), ids=COMMANDS)
def test_command_is_refused_with_what_to_do_when_it_is_typed_wrong(place: Place, words: list[str], fix: str) -> None:
    extra = [] if "--config" in words else ["--config", str(place.config)]
    place._capture.readouterr()
    code = run_app([*words, *extra])
    out, errors = place._capture.readouterr()
    assert code == 2, out + errors
    assert fix in out + errors


def test_check_says_unreachable_with_exit_code_3_when_nobody_answers(place: Place) -> None:
    code, out, _ = place.hub("check", "--json")
    found = {line["what"]: line for line in json.loads(out)["data"]}
    assert code == 3
    assert {found[name]["result"] for name in ("shop", "till")} == {"unreachable"}
    assert all(found[name]["fix"] for name in ("shop", "till"))


CUSTOMER = {"id": "C1", "given_name": "Ada", "family_name": "Berg", "version": 1, "created_at": "2026-01-01T00:00:00Z"}
SCRIPTS = {
    "Greek": "Ελένη", "Arabic": "عائشة", "Hebrew": "שָׂרָה", "Chinese": "李小龍", "Japanese": "さくら", "Korean": "김연아",
    "Thai": "สมชาย", "Devanagari": "आदित्य", "Cyrillic": "Ёлка", "Emoji": "👩‍👩‍👧", "Turkish": "İpek",
    "combining": "e\u0301ric", "astral": "𐐀𐐁",
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS)
def test_name_arrives_as_it_is_when_it_is_in_any_script(place: Place, name: str) -> None:
    body = orjson.dumps({**CUSTOMER, "given_name": name})
    assert place.ask("ingest", "till/customers", place.lines(body))["ended"] == {"applied": 1}
    assert place.ask("show", "customer", "till/customers/C1")["fields"]["given_name"] == name
    code, out, _ = place.hub("show", "customer", "till/customers/C1")
    assert (code, name in out) == (0, True)


RECORDS: dict[str, tuple[bytes, dict[str, int]]] = {
    "not JSON": (b"{nope", {"dead_letter": 1}),
    "a list": (b"[1, 2]", {"dead_letter": 1}),
    "a word": (b'"customer"', {"dead_letter": 1}),
    "broken UTF-8": (b'{"id": "\xff\xfe"}', {"dead_letter": 1}),
    "no id": (b'{"given_name": "Ada"}', {"dead_letter": 1}),
    "id of a wrong type": (b'{"id": {"a": 1}, "given_name": "Ada"}', {"dead_letter": 1}),
    "empty object": (b"{}", {"dead_letter": 1}),
    "lone surrogate": (b'{"id": "C1", "given_name": "\\ud800"}', {"dead_letter": 1}),
    "nesting without end": (b'{"id": "C1", "x": ' + b"[" * 2000 + b"]" * 2000 + b"}", {"dead_letter": 1}),
}


@pytest.mark.parametrize(("line", "ended"), RECORDS.values(), ids=RECORDS)
def test_record_is_set_aside_whole_when_it_cannot_be_read(place: Place, line: bytes, ended: dict[str, int]) -> None:
    good = orjson.dumps(CUSTOMER)
    done = place.ask("ingest", "till/customers", place.lines(line, good))
    assert done["ended"] == {"applied": 1, **ended}
    (letter,) = place.ask("deadletter", "list")
    assert letter["message"]
    with open_reader(f"sqlite:///{place.folder}/.hub/hub.db") as reader:
        (kept,) = reader.dead_letters()
    assert kept.raw == line or orjson.loads(kept.raw) == orjson.loads(line)


SURPRISES = {
    "unknown field": {"loyalty_mood": "sunny"},
    "wrong type": {"given_name": 7.5, "note": {"deep": True}},
    "unusable phone": {"phone_number": "call me"},
    "unusable date": {"birthday": "yesterday"},
    "list for an object": {"address": [1, 2]},
    "huge number": {"version": 9007199254740993},
}


@pytest.mark.parametrize("more", SURPRISES.values(), ids=SURPRISES)
def test_rest_of_a_record_is_taken_when_one_field_is_strange(place: Place, more: dict[str, Any]) -> None:
    assert place.ask("ingest", "till/customers", place.lines(orjson.dumps({**CUSTOMER, **more})))["ended"] == {"applied": 1}
    assert place.ask("show", "customer", "till/customers/C1")["fields"]["family_name"] == "Berg"


def test_ten_megabytes_are_taken_when_a_record_is_that_large(place: Place) -> None:
    body = orjson.dumps({**CUSTOMER, "note": "n" * 10_000_000})
    assert place.ask("ingest", "till/customers", place.lines(body))["ended"] == {"applied": 1}
    assert len(place.ask("show", "customer", "till/customers/C1")["fields"]["note"]) == 10_000_000


def test_same_file_changes_nothing_when_it_is_ingested_again(place: Place) -> None:
    file = place.lines(orjson.dumps(CUSTOMER), b"", orjson.dumps({**CUSTOMER, "id": "C2", "given_name": "Bo"}))
    assert place.ask("ingest", "till/customers", file)["ended"] == {"applied": 2}
    assert place.ask("ingest", "till/customers", file)["ended"] == {"unchanged": 2}


def test_nothing_listens_when_the_address_of_these_tests_is_called() -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9", trust_env=False)
