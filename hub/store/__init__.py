"""The memory of the hub: one store for SQLite (embedded, the default) and PostgreSQL.

In: the nouns of `hub.model`. Out: the same. Keeps Invariants 1 and 2: what a unit writes commits together or not at all.
There is one writer per store, held by a lease; everybody else reads through a `Reader`.
"""

from hub.store.entities import Key, KeyRow
from hub.store.links import Digest
from hub.store.reader import Reader
from hub.store.store import Store, open_reader, open_store
from hub.store.unit import Unit
from hub.store.writer import Ticket, Writer

__all__ = ["Digest", "Key", "KeyRow", "Reader", "Store", "Ticket", "Unit", "Writer", "open_reader", "open_store"]
