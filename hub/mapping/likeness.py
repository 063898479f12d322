"""Whether two values look alike although they differ: how a system shows what it was sent (DESIGN section 2, "Rendering")."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.mapping.lines import Line, ListLine
from hub.model.values import Doc, Value


def fold(text: str, *, accents: bool = True) -> str:
    """Return text without case, blanks and punctuation, and without accents unless `accents`."""
    plain = (text if accents else unicodedata.normalize("NFKD", text)).casefold()
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain))


def natural_key(line: ListLine, values: Doc) -> tuple[str, ...] | None:
    """Return what recognises an element in another system; None where none of the declared fields has a value."""
    key = tuple(fold(str(values.get(name) or "")) for name in line.match_by)
    return key if any(key) else None


def alike(line: Line | None, sent: Value, seen: Value) -> bool:
    """Say whether `seen` may be a rendering of `sent`: a value of the same line, as far as the line is known."""
    if sent == seen and type(sent) is type(seen):
        return True
    if line is not None and len(line.names) > 1:
        return _shares_a_name(sent, seen)
    if sent is None or seen is None:
        return False
    if line is not None and line.lossy:
        return True
    if isinstance(sent, str) and isinstance(seen, str):
        return _text_alike(sent, seen) or (line is not None and line.cut(sent) == seen)
    return _figures_alike(sent, seen)


def _figures_alike(sent: Value, seen: Value) -> bool:
    if isinstance(sent, bool) or isinstance(seen, bool):
        return False
    if isinstance(sent, int) and isinstance(seen, int):
        return _clamped(sent, seen)
    return isinstance(sent, dict) and isinstance(seen, dict) and _money_alike(sent, seen)


def elements_alike(line: ListLine, sent: Doc, seen: Doc) -> bool:
    """Say whether an element shows what was sent: every field that has a place there looks alike; none and empty are the same."""
    if line.is_set:
        return alike(None, sent.get("value"), seen.get("value"))
    placed = [one for one in line.lines if one.writable and one.read is not None]
    return line.lossy or all(alike(one, sent.get(name), seen.get(name)) for one in placed for name in one.names)


def _text_alike(sent: str, seen: str) -> bool:
    if _number(sent) is not None and _number(sent) == _number(seen):
        return True
    one, other = fold(sent, accents=False), fold(seen, accents=False)
    if not one or not other:
        return sent.strip() == seen.strip()
    return one == other or (len(other) >= 3 and one.startswith(other)) or (len(seen) >= 3 and sent.startswith(seen))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _clamped(sent: int, seen: int) -> bool:
    """A floor of 0, or a ceiling such as 999 or 2147483647."""
    if sent < 0:
        return seen == 0
    return 0 < seen < sent and (set(str(seen)) == {"9"} or (seen & (seen + 1) == 0 and seen >= 127))


def _money_alike(sent: Doc, seen: Doc) -> bool:
    one, other = sent.get("amount"), seen.get("amount")
    same_currency = sent.get("currency") == seen.get("currency")
    return same_currency and isinstance(one, int) and isinstance(other, int) and (one == other or _clamped(one, other))


def _shares_a_name(sent: Any, seen: Any) -> bool:
    """Parts of one text may move between its fields: `Anna` + `van Berg` may come back as `Anna van` + `Berg`."""
    one, other = fold(str(sent or ""), accents=False), fold(str(seen or ""), accents=False)
    return one in other or other in one
