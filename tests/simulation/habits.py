"""What a remote is like: one dataclass, any combination. Flat fields: how the oracle and the journals name a value.

A customer is flat here: `last_name`, `consents.email`, `tags/vip` (True), `addresses/Lane 7` (the city). None: not there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.model.values import SECOND, Doc, Micros
from hub.sdk.base import Safe, VersionKind

SCALARS: Final = ("first_name", "last_name", "email", "phone", "note", "consents.email", "consents.sms")
LISTS: Final = ("tags", "addresses")

_PLAIN: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "title": str.title,
    "trim": str.strip,
    "digits": lambda text: "".join(c for c in text if c.isdigit()),
    "national": lambda text: re.sub(r"^(\+|00)49", "0", text),
    "spaced": lambda text: " ".join(re.findall(r"\+?\d{1,4}", text.replace(" ", ""))),
    "numbered": lambda text: text if text.startswith("no ") else "no " + "".join(c for c in text if c.isdigit()),
}


def normalised(how: str | None, value: Any) -> Any:
    """Return a value as a system that normalises like this stores it; `cut:n` keeps the first n characters."""
    if how is None or not isinstance(value, str):
        return value
    if how.startswith("cut:"):
        return value[: int(how[4:])]
    return _PLAIN[how](value)


@dataclass(frozen=True, slots=True)
class Habits:
    """How one remote behaves. Times in microseconds of the world, `lag_s` in seconds."""

    version: VersionKind = VersionKind.COUNTER
    tells_time: bool = True
    """A counter system also shows `changed_at`."""
    resolution_us: Micros = 1_000
    clock_off_us: Micros = 0
    update: Safe = Safe.VERSION
    create: Safe = Safe.IDEMPOTENCY_KEY
    normalise: Mapping[str, str] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    """Fields whose API writes are dropped without a word."""
    silent: tuple[str, ...] = ()
    """Fields (of `SCALARS` or `LISTS`) whose change moves neither version nor time."""
    bumps_always: bool = False
    """A write that changes nothing moves the version too."""
    answers: str = "full"  # full | partial (id and version) | empty (204)
    lag_s: float = 0.0
    """Lists and fetches may show the state of up to this long ago."""
    webhooks: bool = True
    hook_drop: float = 0.0
    hook_double: float = 0.0
    hook_slowest_s: float = 5.0
    page_size: int = 50
    reissues_ids: bool = False
    empty_as: str = "null"  # null | blank ("") | missing (no key)
    element_ids: bool = True
    declares: bool = False
    """The mapping says what is known: upper case, cut texts."""

    @property
    def shows_time(self) -> bool:
        """Whether a document carries `changed_at`."""
        return self.version is VersionKind.CHANGED_AT or (self.version is VersionKind.COUNTER and self.tells_time)

    @property
    def guards(self) -> bool:
        """Whether a write names the state it expects, so that an unseen edit cannot be overwritten."""
        return self.update in (Safe.VERSION, Safe.COMPARE_AND_SET)

    def is_guarded(self, path: str) -> bool:
        """Whether an unseen edit of this flat field cannot be overwritten by a write."""
        return self.update is Safe.COMPARE_AND_SET or (self.update is Safe.VERSION and not self.is_silent(path))

    def is_silent(self, path: str) -> bool:
        """Whether a change of this flat field moves nothing."""
        return self.version is VersionKind.NONE or path in self.silent or path.partition("/")[0] in self.silent

    def render(self, path: str, value: Any) -> Any:
        """Return the flat value as it is stored there."""
        return normalised(self.normalise.get(path), value)


def roll(rng: random.Random) -> Habits:
    """Draw the habits of one remote."""
    version = rng.choice((VersionKind.COUNTER, VersionKind.CHANGED_AT, VersionKind.NONE))
    guards = [Safe.PLAIN, Safe.COMPARE_AND_SET, *([Safe.VERSION] * 2 if version is VersionKind.COUNTER else [])]
    text = ("last_name", "note")
    return Habits(
        version=version,
        tells_time=rng.random() < 0.7,
        resolution_us=rng.choice((1_000, 1_000, SECOND, SECOND, 60 * SECOND)),
        clock_off_us=rng.choice((0, 0, 0, -20 * SECOND, 15 * SECOND)),
        update=rng.choice(guards),
        create=rng.choice((Safe.IDEMPOTENCY_KEY, Safe.NATURAL_KEY, Safe.MARKER)),
        normalise={path: rng.choice(("upper", "title", "trim", "cut:9")) for path in text if rng.random() < 0.35}
        | ({"phone": rng.choice(("national", "spaced"))} if rng.random() < 0.25 else {}),
        ignores=("note",) if rng.random() < 0.1 else (),
        silent=tuple(path for path in ("addresses", "tags", "phone") if rng.random() < 0.15),
        bumps_always=rng.random() < 0.2,
        answers=rng.choice(("full", "full", "partial", "empty")),
        lag_s=rng.choice((0.0, 0.0, 0.0, 4.0, 15.0)),
        webhooks=rng.random() < 0.7,
        hook_drop=rng.choice((0.0, 0.2)),
        hook_double=rng.choice((0.0, 0.3)),
        hook_slowest_s=rng.choice((2.0, 30.0)),
        page_size=rng.choice((2, 3, 7, 50)),
        reissues_ids=rng.random() < 0.2,
        empty_as=rng.choice(("null", "null", "blank", "missing")),
        element_ids=rng.random() < 0.7,
        declares=rng.random() < 0.3,
    )


def marks(habits: Habits) -> set[str]:
    """Return what is unusual about a remote, one word each: `lag_s`, `silent`, `answers empty`."""
    usual = Habits()
    named = {name for name in Habits.__dataclass_fields__ if getattr(habits, name) != getattr(usual, name)}
    kinds = {f"{name} {getattr(habits, name)}" for name in named & set(CHOICES)}
    return (named - set(CHOICES)) | kinds | {f"normalise {how.partition(':')[0]}" for how in habits.normalise.values()}


CHOICES: Final = ("version", "update", "create", "answers", "empty_as")
"""Habits of which each kind counts for itself."""

MARKS: Final = (
    "tells_time", "resolution_us", "clock_off_us", "ignores", "silent", "bumps_always", "lag_s", "webhooks", "hook_drop",
    "hook_double", "hook_slowest_s", "page_size", "reissues_ids", "element_ids", "declares",
    "normalise upper", "normalise title", "normalise trim", "normalise cut", "normalise national",
    "normalise spaced",
    "version changed_at", "version none",
    "update plain", "update compare_and_set", "create natural_key", "create marker",
    "answers partial", "answers empty", "empty_as blank", "empty_as missing",
    "restored from a backup", "mass deletion",
    "stock at several locations", "stock reports available", "stock reports both", "stock receives available",
    "stock with a buffer", "stock where missing is zero", "stock in figures only",
)  # fmt: skip
"""What a long run has to have met."""


def meant(path: str, value: Any) -> Any:
    """Return what a value means, however it is spelt: phone numbers in one spelling (German ones: all this happens there)."""
    if path != "phone" or not isinstance(value, str):
        return value
    digits = "".join(c for c in value if c.isdigit())
    if value.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else f"+49{digits[1:]}" if digits.startswith("0") else value


def flat(fields: Doc) -> Doc:
    """Return the nested fields of a customer as flat ones; what is not there has no key."""
    out = {path: fields[path] for path in SCALARS if fields.get(path) is not None}
    out.update({f"tags/{tag}": True for tag in fields.get("tags", ())})
    out.update({f"addresses/{a['line1']}": a.get("city") for a in fields.get("addresses", ())})
    return out


def difference(was: Doc, now: Doc) -> tuple[Doc, Doc]:
    """Return the flat fields that differ, as they were and as they are; None: not there."""
    paths = [path for path in (*was, *(p for p in now if p not in was)) if was.get(path) != now.get(path)]
    return {p: was.get(p) for p in paths}, {p: now.get(p) for p in paths}
