"""A shipped mapping broken by an admin's hand: the real command names file, line, column and the right spelling, and exits 2."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SQUARE = (ROOT / "mappings" / "square" / "customers.yaml").read_text("utf-8")
SHOPIFY = (ROOT / "mappings" / "shopify" / "customers.yaml").read_text("utf-8")
BROKEN = {
    "key misspelt": (SQUARE, "identity: id", "identitty: id", "`identity`"),
    "key twice": (SQUARE, "identity: id", "identity: id\nidentity: uid", "keep one of them"),
    "field misspelt": (SQUARE, "given_name:  {", "givn_name:  {", "`given_name`"),
    "field twice": (SQUARE, "  note:        note", "  note:        note\n  note: memo", "keep one of them"),
    "line key misspelt": (SQUARE, "max_length: 500", "max_lenght: 500", "`max_length`"),
    "converter misspelt": (SQUARE, "as: phone}", "as: fone}", "`phone`"),
    "converter of another kind": (SQUARE, "as: email}", "as: flag}", "`email`"),
    "entity misspelt": (SQUARE, "entity: customer", "entity: costumer", "`customer`"),
    "spoken boolean": (SHOPIFY, "create_only: true", "create_only: yes", "`true`"),
    "way misspelt": (SHOPIFY, "only: read", "only: reed", "`read`"),
    "length in words": (SQUARE, "max_length: 300", "max_length: many", "whole number"),
    "match_by misspelt": (SQUARE, "[line1, postal_code", "[line, postal_code", "`line"),
    "fits misspelt": (SQUARE, "fits: first", "fits: frist", "`first`"),
    "consent misspelt": (SQUARE, "values: {withdrawn: true}", "values: {withdrown: true}", "`withdrawn`"),
    "path written twice": (SQUARE, "  note:        note", "  note:        company_name", "only: read"),
    "no path": (SQUARE, "as: date", "is: date", "`as`"),
    "two meanings": (SHOPIFY, "withdrawn: UNSUBSCRIBED", "withdrawn: SUBSCRIBED", "values_read"),
    "element field misspelt": (SHOPIFY, "city:         city", "citty:        city", "`city`"),
    "set as a value": (SHOPIFY, "tags:           {set: tags}", "tags:           tags", "{set: PATH}"),
    "tab": (SQUARE, "  note:        note", "\tnote: note", "tabs"),
    "anchor": (SQUARE, "  note:        note", "  note: &n note", "anchors"),
    "bracket left open": (SQUARE, "empty: [null,", "empty: [null, [", "bracket"),
    "path that is none": (SQUARE, "path: birthday", "path: birth..day", "not a path"),
    "other language version": (SQUARE, "mapping: 1", "mapping: 2", "`1`"),
}


def hub(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in a folder."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "300", **environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        cwd=folder,
        env=known,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write_broken(folder: Path, case: str) -> tuple[Path, int]:
    """Write a broken copy; return it and the line at which the hand slipped."""
    text, old, new, _ = BROKEN[case]
    assert old in text, "the shipped file has changed: break it elsewhere"
    file = folder / "customers.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("case", BROKEN)
def test_mapping_check_names_place_and_fix_when_a_shipped_file_is_broken(tmp_path: Path, case: str) -> None:
    file, line = write_broken(tmp_path, case)
    done = hub(tmp_path, "mapping", "check", file.name)
    assert (done.returncode, done.stderr) == (2, ""), done.stderr
    told = re.findall(r"^customers\.yaml:(\d+):(\d+): (.+)\n {2}(.+)$", done.stdout, re.MULTILINE)
    assert len(told) == done.stdout.count("customers.yaml:"), f"one of them does not say what to do: {done.stdout}"
    there = [said + fix for at, column, said, fix in told if line <= int(at) <= line + 6 and int(column) >= 1]
    assert any(BROKEN[case][3] in one for one in there), done.stdout


def test_run_starts_nothing_when_a_mapping_of_the_retailer_is_broken(tmp_path: Path) -> None:
    own = tmp_path / "demo" / "mappings" / "square"
    own.mkdir(parents=True)
    write_broken(own, "field misspelt")
    (tmp_path / "config.yaml").write_text((ROOT / "config.yaml").read_text("utf-8"), "utf-8")
    done = hub(tmp_path, "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.search(r"square/customers\.yaml:\d+:\d+: there is no field `givn_name`", done.stderr)
    assert "`given_name`" in done.stderr
    assert not list(tmp_path.glob(".hub/*.control"))
