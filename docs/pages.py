"""What `make docs` does beside building: pages that live beside their code (CHANGELOG, connectors) come along, links follow."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
CONNECTORS = sorted(path.parent.name for path in ROOT.glob("connectors/*/README.md"))
BESIDE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    **{f"connectors/{name}/README.md": f"connectors/{name}.md" for name in CONNECTORS},
}
"""File in the source -> page of the site."""
_LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that live elsewhere."""
    for source, page in BESIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Let links into the source lead to the pages made of it."""
    back = {made: source for source, made in BESIDE.items()}
    here = posixpath.dirname(back.get(page.file.src_uri, f"docs/{page.file.src_uri}"))

    def follow(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, found[1]))
        made = BESIDE.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(made, posixpath.dirname(page.file.src_uri) or ".")

    return _LINK.sub(follow, markdown)
