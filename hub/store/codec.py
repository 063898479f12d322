"""Claims and golden values as compact bytes: one column per link or entity.

Neighbouring claims that differ in nothing but their value share one header: `[header, {path: value}, header, ...]`.
A header is `[form, seq, stamp, standing, base, golden version, golden stamp, version, misses, aside, edits, wrote_at]`, cut
after the last entry that is not its default. `form` says how `held` and `own` stand in the value, and whether the claim's
version is the link's own. Order is kept. A value that is both held and own is one object after decoding: values are never
changed in place.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from hub.model.entity import Golden
from hub.model.link import NOTHING, Claim, Standing, Stands
from hub.model.values import MISSING, Doc

SAME, ONLY_HELD, BOTH, ONLY_OWN, NEITHER = range(5)
"""Forms: held is own · own missing · [held, own] · held missing · both missing."""
LINK_VERSION: Final = 8
"""Added to the form: the claim's version is the link's."""

_DEFAULTS: Final = (SAME, 0, 0, 0, 0, 0, 0, None, 0, 0, 0, 0)
_REST: Final = tuple(list(_DEFAULTS[n:]) for n in range(len(_DEFAULTS) + 1))
_STANDINGS: Final = (Standing.SEED, Standing.EDIT)
_new_tuple: Final = tuple.__new__
_SCALARS: Final = frozenset({str, int, bool, type(None)})
_dumps: Final = orjson.dumps
_loads: Final = orjson.loads


def _cut(header: tuple[Any, ...]) -> list[Any]:
    """Drop trailing defaults."""
    end = len(header)
    while end and header[end - 1] == _DEFAULTS[end - 1]:
        end -= 1
    return list(header[:end])


def _same(held: Any, own: Any) -> bool:
    """Say whether two values are one JSON value; True is not 1."""
    kind = type(held)
    if kind is not type(own):
        return False
    if kind in _SCALARS:
        return bool(held == own)
    return bool(_dumps(held) == _dumps(own))


def _form(held: Any, own: Any) -> tuple[int, Any]:
    """Return the form and the value that stands for both."""
    if own is MISSING:
        return (NEITHER, None) if held is MISSING else (ONLY_HELD, held)
    if held is MISSING:
        return ONLY_OWN, own
    return (SAME, held) if _same(held, own) else (BOTH, (held, own))


def encode_claims(claims: dict[str, Claim], version: int | None) -> bytes:
    """Write the claims of a link whose own version (its counter, else its `changed_at`) is `version`."""
    out: list[Any] = []
    last: tuple[Any, ...] | None = None
    values: Doc = {}
    for path, claim in claims.items():
        held = claim.held
        own = claim.own
        if held is own and held is not MISSING:
            form, value = SAME, held
        else:
            form, value = _form(held, own)
        own_version = claim.version
        if own_version == version:
            form += LINK_VERSION
            own_version = None
        stands = claim.stands
        header = (
            form, claim.seq, claim.stamp, claim.standing, claim.base, stands[0], stands[1], own_version,
            claim.misses, claim.aside, claim.edits, claim.wrote_at,
        )  # fmt: skip
        if header != last:
            last = header
            values = {}
            out.append(_cut(header))
            out.append(values)
        values[path] = value
    return _dumps(out)


def decode_claims(data: bytes, version: int | None) -> dict[str, Claim]:
    """Read what `encode_claims` wrote; `version` is the link's own."""
    claims: dict[str, Claim] = {}
    parts = iter(_loads(data))
    for header in parts:
        values = next(parts)
        full: list[Any] = header + _REST[len(header)]
        form, seq, stamp, standing, base, golden, golden_stamp, own_version, *rest = full
        if form >= LINK_VERSION:
            form -= LINK_VERSION
            own_version = version
        standing = _STANDINGS[standing]
        stands = _new_tuple(Stands, (golden, golden_stamp)) if golden or golden_stamp else NOTHING
        if form == SAME and len(header) < 9:
            for path, value in values.items():
                claims[path] = Claim(value, own_version, seq, value, stamp, standing, base, stands)
        else:
            for path, value in values.items():
                held, own = _read(form, value)
                claims[path] = Claim(held, own_version, seq, own, stamp, standing, base, stands, *rest)
    return claims


def _read(form: int, value: Any) -> tuple[Any, Any]:
    """Return (held, own)."""
    if form == SAME:
        return value, value
    if form == ONLY_HELD:
        return value, MISSING
    if form == BOTH:
        return value[0], value[1]
    return MISSING, (value if form == ONLY_OWN else MISSING)


def encode_golden(golden: dict[str, Golden]) -> bytes:
    """Write golden values: `[[stamp, link id, version, standing], {path: value}, ...]`."""
    out: list[Any] = []
    last: tuple[Any, ...] | None = None
    values: Doc = {}
    for path, field in golden.items():
        header = (field.stamp, field.link_id, field.version, field.standing)
        if header != last:
            last = header
            values = {}
            out.append(header)
            out.append(values)
        values[path] = field.value
    return _dumps(out)


def decode_golden(data: bytes) -> dict[str, Golden]:
    """Read what `encode_golden` wrote."""
    golden: dict[str, Golden] = {}
    parts = iter(_loads(data))
    for stamp, link_id, version, standing in parts:
        standing = _STANDINGS[standing]
        for path, value in next(parts).items():
            golden[path] = Golden(value, stamp, link_id, version, standing)
    return golden
