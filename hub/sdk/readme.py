"""The generated part of a connector's README. `python -m hub.sdk.readme` brings every README up to date.

What stands outside the two marks (how to get credentials, say) is written by hand and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub.sdk.manifest import Manifest, State
from hub.sdk.registry import load_connectors

START: Final = "<!-- generated from manifest.yaml: python -m hub.sdk.readme -->"
END: Final = "<!-- end of the generated part -->"


def render_readme(manifest: Manifest) -> str:
    """Return the generated part: what it reads and writes, settings, webhooks, limits, quality list, links."""
    parts = [
        START,
        f"# {manifest.title}",
        " · ".join(part for part in (f"Category: {manifest.category}", f"API version: {manifest.api_version}") if part),
    ]
    parts += [manifest.summary] if manifest.summary else []
    parts += ["## What it reads and writes", _table(("Stream", "Holds", "Version", "Incremental", "Writes"), _streams(manifest))]
    if manifest.settings:
        parts += ["## Settings", _table(("Setting", "Secret", "Required", "Default", "What it is"), _settings(manifest))]
    if manifest.webhook:
        topics = ", ".join(f"`{topic}`" for topic in manifest.webhook.topics)
        parts += ["## Webhooks", f"Signature in `{manifest.webhook.header}`. Topics: {topics}. {manifest.webhook.note}".strip()]
    limits = manifest.limits
    parts += ["## Limits", f"Starts with {limits.per_s:g} per second, up to {limits.burst:g} at once. {limits.note}".strip()]
    for name, quota in limits.quotas.items():
        parts += [f"Of these, `{name}`: {quota.per_s:.2g} per second, up to {quota.burst:g} at once. {quota.note}".strip()]
    if manifest.quality:
        rows = [(line.rule, "done" if line.state is State.DONE else "to do", line.why) for line in manifest.quality]
        parts += ["## Quality", _table(("Rule", "State", "Why"), rows)]
    if manifest.docs:
        parts += ["## Vendor documents", "\n".join(f"- [{title}]({url})" for title, url in manifest.docs.items())]
    return "\n\n".join([*parts, END]) + "\n"


def refresh(text: str, manifest: Manifest) -> str:
    """Return a README's text with its generated part brought up to date; a text without one gets it in front."""
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    if not (start and end):
        return render_readme(manifest) + ("\n" + text if text.strip() else "")
    return head + render_readme(manifest).removesuffix("\n") + tail


def _streams(manifest: Manifest) -> Iterable[Sequence[str]]:
    for name, stream in manifest.streams.items():
        sink = manifest.sinks.get(name)
        writes = ", ".join(f"{operation} ({safe})" for operation, safe in sink.operations().items()) if sink else "-"
        writes += ", archive" if sink and sink.archive else ""
        writes += f": {', '.join(sink.acts)}" if sink and sink.acts else ""
        holds = ", ".join((stream.entity, *stream.parts))
        yield f"`{name}`", holds, stream.version, _yes(flag=stream.incremental), writes


def _settings(manifest: Manifest) -> Iterable[Sequence[str]]:
    for name, setting in manifest.settings.items():
        default = f"`{setting.default}`" if setting.default is not None else "-"
        yield f"`{name}`", _yes(flag=setting.secret), _yes(flag=setting.required), default, setting.help


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _yes(*, flag: bool) -> str:
    return "yes" if flag else "no"


def main() -> None:
    """Bring the README of every installed connector up to date."""
    for installed in load_connectors().values():
        path = installed.folder / "README.md"
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_text(refresh(before, installed.manifest), "utf-8")


if __name__ == "__main__":
    main()
