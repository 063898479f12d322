"""What every command answers under --json over one small retailer, for comparison with the files in `golden/`.

`python -m tests.unit.cli.told` writes these files anew; look at the difference before it is committed: programs read this.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hub.cli.surface import run_app
from hub.model.run import Mode
from hub.ops.modes import set_mode
from hub.ops.office import Running
from tests.retailer import CONFIG, ENVIRON, ROOT, Retailer

GOLDEN: Final = Path(__file__).parent / "golden"
PHONE: Final = "+33140000001"
ADA: Final = ("customer", "ada@example.org")
WITHOUT_STORE: Final = {
    "init": ["init", "{folder}/new"],
    "error": ["show", "costumer", "1"],
    "usage": ["status", "--jsno"],
    "status-refused": ["status", "--config", "{folder}/torn.yaml"],
}
READS: Final = {
    "ingest-set-aside": ["ingest", "till/customers", "{folder}/bad.jsonl"],
    "check": ["check", "--offline"],
    "status": ["status"],
    "freshness": ["freshness"],
    "show": ["show", *ADA],
    "explain": ["explain", *ADA],
    "explain-field": ["explain", *ADA, "note"],
    "plan": ["plan"],
    "connection-list": ["connection", "list"],
    "connection-mode-preview": ["connection", "mode", "till", "live", "--preview"],
    "mapping-check": ["mapping", "check"],
    "mapping-check-wrong": ["mapping", "check", "{folder}/wrong.yaml"],
    "mapping-show": ["mapping", "show", "till/locations"],
    "mapping-diff": ["mapping", "diff", "{folder}/new.yaml", "--since", "2000-01-01"],
    "mapping-diff-refused": ["mapping", "diff", "{folder}/wrong.yaml"],
    "policy-try": ["policy", "try", "family_name", "newest", "--entity", "customer"],
    "policy-try-refused": ["policy", "try", "note", "onwer", "till"],
    "mapping-copy-refused": ["mapping", "copy", "till/loctions"],
    "mapping-try": ["mapping", "try", "till/customers", "{folder}/record.json"],
    "review-list": ["review", "list"],
    "deadletter-list": ["deadletter", "list"],
    "pin-preview": ["pin", *ADA, "note", "do not call", "--preview"],
    "undo-preview": ["undo", *ADA, "note", "--preview"],
    "runs": ["runs", "--connection", "shop"],
    "undo-run-preview": ["undo", "--run", "{run}", "--preview"],
    "undo-run-refused": ["undo", "--run", "999"],
    "undo-plan-refused": ["undo", "--plan", "99"],
    "undo-refused": ["undo", *ADA, "family_name"],
    "doctor": ["doctor", "--offline"],
    "deadletter-replay-refused": ["deadletter", "replay", "1"],
    "order-cancel-refused": ["order", "cancel", "4711", "--yes"],
    "order-fulfil-refused": ["order", "fulfil", "4711", "--tracking", "JJ1", "--yes"],
    "not-found": ["show", "customer", "nobody@example.org"],
    "unreachable": ["check"],
    "connection-test-unreachable": ["connection", "test", "till"],
    "audit-unreachable": ["audit", "till/customers"],
    "review-show": ["review", "show", "{ask}"],
    "deadletter-show": ["deadletter", "show", "2"],
    "history": ["history", *ADA],
    "history-field": ["history", *ADA, "note"],
}
CHANGES: Final = {
    "apply": ["apply", "--all", "--yes"],
    "plans": ["plans"],
    "history-approved": ["history", *ADA, "note"],
    "explain-approved": ["explain", *ADA, "note"],
    "undo-plan-preview": ["undo", "--plan", "1", "--preview"],
    "undo-plan": ["undo", "--plan", "1", "--why", "a wrong mapping", "--yes"],
    "apply-leaves-out": ["apply", "--all", "--yes"],
    "plan-taken-back": ["plan"],
    "apply-again": ["apply", "3", "--yes"],
    "pin": ["pin", *ADA, "note", "do not call", "--why", "she asked", "--yes"],
    "explain-pinned": ["explain", *ADA, "note"],
    "pins": ["pins"],
    "undo": ["undo", *ADA, "note", "--why", "wrong card", "--yes"],
    "undo-run": ["undo", "--run", "{run}", "--why", "a bad import", "--yes"],
    "unpin": ["unpin", *ADA, "note", "--yes"],
    "review-resolve-value": ["review", "resolve", "{ask}", "shop"],
    "review-resolve": ["review", "resolve", "{match}", "merge"],
    "split": ["split", "customer", "{merged}", "--yes"],
    "deadletter-replay": ["deadletter", "replay", "2"],
    "deadletter-drop": ["deadletter", "drop", "1"],
    "connection-mode": ["connection", "mode", "till", "live", "--yes"],
    "resync": ["resync", "till/customers"],
    "ingest": ["ingest", "till/customers", "{folder}/lines.jsonl"],
    "writes-stop": ["writes", "stop"],
    "writes-start": ["writes", "start"],
    "mapping-copy": ["mapping", "copy", "till/locations"],
    "connection-pause": ["connection", "pause", "till"],
    "connection-resume": ["connection", "resume", "till"],
    "db-migrate": ["db", "migrate"],
    "db-backup": ["db", "backup", "{folder}/copy.db"],
    "db-verify": ["db", "verify", "{folder}/copy.db"],
    "db-restore-refused": ["db", "restore", "{folder}/copy.db"],
    "db-restore": ["db", "restore", "{folder}/copy.db", "--yes"],
    "status-restored": ["status"],
}
COMMANDS: Final = {**READS, **CHANGES, **WITHOUT_STORE}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?Z| UTC)")


def ask_all(folder: Path) -> dict[str, Any]:
    """Return name -> {"exit_code", "said"} of every command, in one installation, one after the other."""
    numbers = install(folder)
    found = {}
    for name, words in COMMANDS.items():
        said = [word.format(folder=folder, **numbers) for word in words]
        more = [] if name in WITHOUT_STORE else ["--config", f"{folder}/config.yaml"]
        code, out, errors = typed([*said, *more, "--json"])
        found[name] = {"exit_code": code, "said": json.loads(settled(out, folder)), "errors": errors}
        if name == "review-resolve":
            numbers["merged"] = str(found[name]["said"]["data"]["was"])
    return found


def ask_pages(folder: Path, columns: int, note: str = "tea") -> dict[str, str]:
    """Return name -> the page that every reading command prints into a pipe of so many columns."""
    numbers = install(folder, note)
    with environ({"COLUMNS": str(columns)}):
        return {
            name: "".join(
                typed([*(word.format(folder=folder, **numbers) for word in words), "--config", f"{folder}/config.yaml"])[1:]
            )
            for name, words in READS.items()
        }


def install(folder: Path, note: str = "tea") -> dict[str, str]:
    """Make an installation whose systems do not answer any more; return the numbers of its questions by kind."""
    config = folder / "config.yaml"
    addresses = CONFIG.replace("https://shop.test", "http://127.0.0.1:9").replace("https://till.test", "http://127.0.0.1:9")
    addresses += "receiver: {port: 0}\n"
    config.write_text(addresses.replace("policies:\n", "policies:\n  customer: {family_name: ask}\n"), "utf-8")
    _write_files(folder)
    return _open_shop(folder, config.read_text("utf-8"), note)


def _write_files(folder: Path) -> None:
    (folder / "torn.yaml").write_text("retailer: x\nalertz: {}\n", "utf-8")
    (folder / "wrong.yaml").write_text("mapping: 1\nconnecter: square\n", "utf-8")
    shipped = (ROOT / "mappings/square/customers.yaml").read_text("utf-8")
    swapped = {"{path: given_name": "{path: family_name", "{path: family_name": "{path: given_name"}
    (folder / "new.yaml").write_text(re.sub("|".join(swapped), lambda found: swapped[found[0]], shipped), "utf-8")
    doc = {"id": "C9", "given_name": "Cy", "email_address": "cy@example.org", "mood": "sunny"}
    (folder / "record.json").write_text(json.dumps(doc), "utf-8")
    (folder / "lines.jsonl").write_text(json.dumps(doc) + '\n{"given_name": "nobody"}\n', "utf-8")
    (folder / "bad.jsonl").write_text('{"given_name": "nobody"}\n{broken\n', "utf-8")


def _open_shop(folder: Path, config: str, note: str) -> dict[str, str]:
    """Fill the store: Ada is everywhere and edited, two may be one, one field is asked about, two lines are set aside."""
    shops = Retailer(folder / ".hub", config)
    try:
        ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", phone=PHONE, note=note)
        shops.shop.add_address(ada, address1="Rue Une 1", city="Paris", zip="75001", countryCodeV2="FR")
        shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
        shops.till.add_customer(given_name="Bo", family_name="Lund", email_address="bo@example.org")
        shops.settle()
        shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="work@example.org", phone_number=PHONE)
        shops.poll()
        set_mode(Running(shops.hub), "till", Mode.PROPOSE)
        shops.clock.sleep(60)
        shops.shop.edit_customer(ada, note="coffee")
        shops.poll()
        runs = shops.hub.writer.submit(lambda unit: unit.runs("shop")).result()
        edited = next(str(run.id) for run in runs if run.counts.get("applied"))
        return {review.kind.value: str(review.id) for review in shops.reviews()} | {"run": edited}
    finally:
        shops.close()


def typed(words: list[str]) -> tuple[int, str, str]:
    """Type a command; return its exit code, what it printed, and its errors."""
    out, errors = io.StringIO(), io.StringIO()
    kim = {**ENVIRON, "USER": "kim", "LOGNAME": "kim"}
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors), environ(kim):
        return run_app(words), out.getvalue(), errors.getvalue()


@contextlib.contextmanager
def environ(more: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def settled(text: str, folder: Path) -> str:
    """Return an answer without what differs from run to run: folders, times, durations."""
    text = _TIME.sub("TIME", text.replace(str(folder), "FOLDER"))
    text = re.sub(r'"(behind_s|webhook_s|unsent_s|took_s|per_s)": [\d.]+', r'"\1": 0', text)
    text = re.sub(r'"size_bytes": \d{5,}', '"size_bytes": 0', text)
    text = re.sub(r'"\d\.\d+\.\d+"', '"VERSION"', re.sub(r"[\d.,]+ (GiB|MiB)", r"SOME \1", text))
    text = re.sub(r"before-\d{8}T\d{6}Z", "before-TIME", text)
    text = re.sub(r"\d+ connectors", "N connectors", text)  # one more of them is no change of what programs read
    return re.sub(r'"[^"]*/mappings/(\w+/\w+\.yaml)', r'"MAPPINGS/\1', text)


def write_golden() -> None:
    """Write the files anew."""
    with tempfile.TemporaryDirectory() as folder:
        found = ask_all(Path(folder).resolve())
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name, told in found.items():
        (GOLDEN / f"{name}.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write_golden()
