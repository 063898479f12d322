"""The laws every mapping keeps, checked on documents: for shipped files, for a site's own, for examples in tests."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingOf
from copy import deepcopy
from typing import Any

from hub.mapping import ElementChange, Mapping
from hub.mapping.paths import put
from hub.model.record import Record
from hub.model.values import Doc


def check_laws(mapping: Mapping, docs: Iterable[Doc], settings: MappingOf[str, str] | None = None) -> None:
    """Assert the laws of DESIGN section 9 for one mapping (its parts included) on whole documents of its stream."""
    given = settings or {}
    for doc in docs:
        frozen = deepcopy(doc)
        reading = mapping.read(doc, given)
        assert doc == frozen, "reading must not change the document"
        for record in reading.records[:1]:
            _writing_back_changes_nothing(mapping, doc, record, given)
            _emptying_and_restoring_comes_back(mapping, doc, record, given)
            _what_is_not_mapped_stays(mapping, doc, record, given)
            _a_new_document_reads_the_same(mapping, record, given)
        assert doc == frozen, "writing must not change the document it writes onto"
        for each, inner in mapping.part_paths:
            holder: Any = doc
            for step in each.steps:
                holder = holder.get(step, {}) if isinstance(holder, dict) else {}
            check_laws(inner, [part for part in holder if isinstance(part, dict)] if isinstance(holder, list) else [], given)


def _writing_back_changes_nothing(mapping: Mapping, doc: Doc, record: Record, settings: MappingOf[str, str]) -> None:
    """`write(read(x), onto=x) == x`, hence `read(write(read(x), onto=x)) == read(x)`, also for lossy lines."""
    updates = {
        name: [ElementChange("update", one.remote_id, one.values) for one in elements]
        for name, elements in record.lists.items()
        if not mapping.lists[name].is_set and (mapping.lists[name].identity or mapping.lists[name].single)
    }
    words = {
        name: [ElementChange("add", one.remote_id, one.values) for one in elements]
        for name, elements in record.lists.items()
        if mapping.lists[name].is_set
    }
    written = mapping.write(
        record.fields, {name: list_ for name, list_ in (updates | words).items() if mapping.lists[name].writable}, doc, settings
    )
    assert written.doc == doc, f"writing back what was read changed {written.paths}"
    assert written.paths == (), written.paths
    assert not written.left_out, written.left_out


def _emptying_and_restoring_comes_back(mapping: Mapping, doc: Doc, record: Record, settings: MappingOf[str, str]) -> None:
    """Every writable value survives being taken out and written again, unless the line declares that it loses something."""
    for name, value in record.fields.items():
        line = mapping.fields[name]
        emptied = mapping.write(dict.fromkeys(line.names), {}, doc, settings)
        if name in emptied.left_out or line.read is None or value is None:
            continue
        shown = mapping.read(emptied.doc, settings).records[0].fields.get(name)
        assert shown is None, f"{name} cannot be emptied"
        restored = mapping.write({one: record.fields.get(one) for one in line.names}, {}, emptied.doc, settings)
        again = mapping.read(restored.doc, settings).records[0].fields.get(name)
        assert again == value or mapping.looks_like(name, value, again), f"{name} does not come back"
        assert again == value or line.loses, f"{name} comes back different and its line does not say so"


def _what_is_not_mapped_stays(mapping: Mapping, doc: Doc, record: Record, settings: MappingOf[str, str]) -> None:
    """A write reaches the paths it names and nothing else."""
    for name in record.fields:
        line = mapping.fields[name]
        written = mapping.write(dict.fromkeys(line.names), {}, doc, settings)
        touched = {path.split(".")[0] for path in written.paths}
        touched |= {str(line.read.steps[0])} if line.read and written.paths else set()
        rest = {key: value for key, value in doc.items() if key not in touched}
        assert {key: value for key, value in written.doc.items() if key not in touched} == rest, name
        assert touched or written.doc == doc, name


def _a_new_document_reads_the_same(mapping: Mapping, record: Record, settings: MappingOf[str, str]) -> None:
    """`read(write(v)) == v` on a document made from nothing, or the line is lossy; `render` says the same beforehand."""
    made = mapping.write(record.fields, {}, None, settings)
    ids = [path for path in mapping.table.identity.paths if not path.positional]
    doc = made.doc
    for path in ids:
        at = doc
        for step in path.steps[:-1]:
            at = at.setdefault(step, {}) if isinstance(step, str) else at
        at[str(path.steps[-1])] = "1"
    rule = mapping.table.only_when
    if rule is not None:
        put(doc, rule.path, rule.value)
    again = mapping.read(doc, settings).records[0].fields
    for name, value in record.fields.items():
        line = mapping.fields[name]
        if name in made.left_out or line.read is None or value is None or not line.writable:
            continue
        assert again.get(name) == value or line.loses, f"{name} does not come back from a new document"
        expected = mapping.render(name, value, settings)
        assert again.get(name) == expected or len(line.names) > 1, f"{name} is rendered otherwise than `render` says"
