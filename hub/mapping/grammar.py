"""The words of the mapping language. Loader, JSON Schema and error messages all read these tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from hub.errors import MappingError, Place


class Key(NamedTuple):
    """One key of a table: the form of its value (see `hub.mapping.schema`) and what it means, for editors."""

    form: str
    doc: str


TIMES: Final = ("instant", "utc", "epoch_us", "epoch_ms", "epoch_s")
MINORS: Final = ("iso", "2", "major")
WAYS: Final = ("read", "write", "create")
CONSENT: Final = ("granted", "withdrawn")

_STREAM: Final[dict[str, Key]] = {
    "identity": Key("identity", "Path of the record's id there; or {paths: [a, b], join: ':'} for an id made of several."),
    "version": Key("path", "Path of a counter that grows with every change."),
    "changed_at": Key("time", "Path of the time of the last change."),
    "created_at": Key("time", "Path of the time of creation."),
    "birth": Key("path", "Path of what tells this record from a later one under the same id (default: created_at)."),
    "deleted": Key("equals", "{path: is_deleted, equals: true}: the document says that the record is deleted."),
    "only_when": Key("when", "{state: IN_STOCK}: documents with another value are skipped."),
    "projection": Key("flag", "true: these records only show what lives elsewhere; what the hub did not make is left alone."),
    "empty": Key("empty", "What 'no value' looks like there; the word missing stands for a key that is not in the document."),
    "fields": Key("fields", "The table: our field on the left, theirs on the right."),
    "refs": Key("refs", "References to other records: {product: {path: product.id, stream: products}}."),
    "parts": Key("parts", "Records inside this one, each with a stream and an id of its own."),
    "ignored": Key("paths", "Paths that are known and not needed. Anything else that is new is reported as drift."),
}
TOP: Final[dict[str, Key]] = {
    "mapping": Key("one", "Version of the mapping language: 1."),
    "connector": Key("text", "Name of the connector."),
    "stream": Key("text", "The stream whose documents are read and written."),
    "entity": Key("entity", "What a document is: customer, location, product, variant, inventory_level, order, payment, ..."),
    **_STREAM,
}
PART: Final[dict[str, Key]] = {
    "each": Key("path", "Path of the list whose elements are the records."),
    "stream": Key("text", "The stream of these records."),
    "entity": TOP["entity"],
    **_STREAM,
}
LINE: Final[dict[str, Key]] = {
    "path": Key("path", "Path in the document."),
    "write": Key("path", "Another path for writing."),
    "as": Key("converter", "Name of a converter (default: by the kind of our field)."),
    "values": Key("values", "Ours: theirs, one to one."),
    "values_read": Key("values_read", "Theirs: ours, further spellings that are only read."),
    "values_write": Key("values_write", "Ours: theirs, what they cannot show: written so, and read back as another value."),
    "absent": Key("scalars", "Their values that say nothing, like a default."),
    "otherwise": Key("otherwise", "An unknown value: leave (report it, default) or reject (set the record aside)."),
    "only": Key("ways", "read, write, or create (written only when a record is created)."),
    "create_only": Key("flag", "Written only when a record is created."),
    "silent": Key("flag", "Changes without moving the record's version."),
    "lossy": Key("flag", "A value may come back different; that is no edit."),
    "yields": Key("flag", "Of what the hub works out: written only where nothing stands, or what the hub wrote last."),
    "required": Key("flag", "A record cannot be made there without it."),
    "max_length": Key("whole", "Longer texts are cut there."),
    "case": Key("case", "The system turns letters into upper or lower case."),
    "clear": Key("clear", "What writing 'no value' looks like: null, '', omit (leave the key out) or refuse."),
    "constant": Key("scalar", "Written as it is when a record is created; never read."),
    "minor": Key("minor", "Money: iso (minor units), 2 (always hundredths) or major (12.34)."),
    "currency": Key("text", "Money: path beside it, a code like EUR, or connection."),
    "tax": Key("tax", "Money: gross or net."),
    "gid": Key("text", "With as: gid, the front part to write: shop/Product."),
    "changed_at": Key("time", "Path of the time at which this very field changed."),
    "why": Key("text", "The reason, for readers of this file."),
}
LIST: Final[dict[str, Key]] = {
    "each": Key("path", "Path of the list, or of a single object with fits: first."),
    "identity": Key("path", "Path of an element's id."),
    "match_by": Key("names", "Our fields that recognise an element in another system."),
    "silent": Key("flag", "Changes without moving the record's version."),
    "fits": Key("fits", "How many elements have a place there: all (default), first, or a number."),
    "fields": Key("elements", "The table of an element."),
    "only": Key("only_read", "read: this list is never written."),
    "lossy": LINE["lossy"],
    "clear": Key("clear", "A single object: what taking it away looks like."),
    "why": LINE["why"],
}
SET: Final[dict[str, Key]] = {
    "set": Key("path", "Path of a list of words, or of one text."),
    "separator": Key("text", "What stands between the words of one text."),
    "silent": LIST["silent"],
    "only": LIST["only"],
    "lossy": LINE["lossy"],
    "why": LINE["why"],
}
REF: Final[dict[str, Key]] = {
    "path": Key("path", "Path of the other record's id; 0, '' and null mean none."),
    "stream": Key("text", "The stream of the other record."),
    "as": Key("ref_as", "gid: only the last part of a global id counts."),
    "by": Key("ref_by", "number: the path holds the number of a document, of whatever system."),
}
TIME: Final[dict[str, Key]] = {"path": Key("path", "Path."), "as": Key("time_as", "How it is written.")}
IDENTITY: Final[dict[str, Key]] = {
    "path": Key("path", "Path."),
    "as": REF["as"],
    "paths": Key("names", "Paths whose values make the id together."),
    "join": Key("text", "What stands between them."),
}
DELETED: Final[dict[str, Key]] = {"path": Key("path", "Path."), "equals": Key("scalar", "The value that says it.")}

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "file": ("mapping", "connector", "stream", "entity", "identity", "fields"),
    "part": ("each", "stream", "entity", "identity", "fields"),
    "list": ("each", "fields"),
    "set": ("set",),
    "reference": ("path",),
    "time": ("path",),
    "deleted": ("path", "equals"),
}
WRITES: Final = ("write", "clear", "create_only", "max_length", "case", "constant", "yields")
"""Keys of a line that make no sense where nothing is written."""
MONEY: Final = ("minor", "currency", "tax")
"""Keys of a line that make sense for money only."""


def spoken(words: Iterable[str]) -> str:
    """Return words in backticks, for a message."""
    return ", ".join(f"`{word}`" for word in words)


def clash(message: str, place: Place) -> MappingError:
    """Return the error of a path with two writers."""
    return MappingError(message, place=place, fix="add `only: read` to one of them")
