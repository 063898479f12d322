"""Every command that a page shows exists, and its help runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from hub.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^ *```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?:^|[\s/])hub((?: [a-z][a-z-]*)+)")
_OPTION = re.compile(r"(?<=\s)--?[a-z][a-z-]*")


def lines(page: Path) -> list[str]:
    """Return everything a page writes as code; of a session at a terminal what was typed, not what came."""
    text = page.read_text("utf-8")
    found = []
    for language, block in _FENCE.findall(text):
        typed = [line.removeprefix("$ ") for line in block.splitlines() if language != "console" or line.startswith("$ ")]
        found += [line.partition(" #")[0].strip() for line in typed if not line.lstrip().startswith("#")]
    return found + _CODE.findall(_FENCE.sub("", text))


def commands(page: Path) -> set[tuple[str, ...]]:
    """Return the words after `hub` in everything a page writes as code."""
    return {tuple(words.split()) for code in lines(page) for words in _COMMAND.findall(code)}


def nouns() -> dict[str, Any]:
    """Return the first words that are known."""
    return dict(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_show_known_commands_when_they_show_any(page: Path) -> None:
    known = nouns()
    lost = {words for words in commands(page) if words[0] not in known}
    groups = {words: getattr(known[words[0]], "commands", None) for words in commands(page) - lost}
    lost |= {words for words, verbs in groups.items() if verbs is not None and len(words) > 1 and words[1] not in verbs}
    assert lost == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_show_known_options_when_they_show_any(page: Path) -> None:
    lost = []
    for code in lines(page):
        for one in re.split(r"[;|]|&&|, or ", code):
            found = _COMMAND.search(one)
            if found is not None:
                lost += [(found[0].strip(), option) for option in _OPTION.findall(one) if option not in options(found[1].split())]
    assert lost == []


def options(words: list[str]) -> set[str]:
    """Return the options of the command that these words begin with."""
    command: Any = get_command(app)
    known = {"--help", "--version", "--install-completion", "--show-completion"}
    for word in words:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        known |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    return known


def test_readme_shows_commands_when_it_is_read() -> None:
    shown = {words[0] for words in commands(ROOT / "README.md")}
    assert {"run", "init", "check", "plan", "apply", "explain", "writes", "review", "deadletter"} <= shown


LINKED = [*PAGES, *sorted((ROOT / "connectors").glob("*/README.md"))]
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_when_a_page_has_any(page: Path) -> None:
    found = [(page.parent / path if path else page, anchor) for path, anchor in _LINK.findall(page.read_text("utf-8"))]
    assert [str(target) for target, _ in found if not target.exists()] == []
    lost = [(str(target), anchor) for target, anchor in found if anchor and anchor not in anchors(target)]
    assert lost == []


def anchors(page: Path) -> set[str]:
    """Return the names of a page's headings, as renderers make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_readme_leads_to_the_documentation() -> None:
    targets = {path for path, _ in _LINK.findall((ROOT / "README.md").read_text("utf-8"))}
    assert {"docs/tutorial.md", "docs/index.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= targets


def test_every_page_has_a_place_in_the_site() -> None:
    said = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert [path.as_posix() for path in pages if path.parts[0] != "decisions" and f": {path.as_posix()}\n" not in said] == []
    assert [name for name in ("shopify", "square") if f": connectors/{name}.md\n" not in said] == []
