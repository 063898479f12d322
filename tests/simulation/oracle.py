"""The judge: reads the remotes and their journals, shares no code with the hub, and says what went wrong.

For every person and flat field it asks which edits may rightly be the value now: those that no other edit surely beats,
by the rules of DESIGN section 2. All linked records must show one of them, each in its own rendering. What may be either
way (overlapping edits, systems without time, edits between look and write) is allowed both ways and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.model.values import SECOND, Micros
from hub.sdk.base import VersionKind
from hub.sdk.fake import Entry
from tests.simulation.habits import SCALARS, flat, meant
from tests.simulation.lives import NEVER, Edit, Life, Telling, lives_of
from tests.simulation.office import Office, Policy
from tests.simulation.orders import judge_orders
from tests.simulation.relines import is_out, reline, was_out
from tests.simulation.remote import HabitRemote

PREFIX: Final = 3
"""So many first characters of a value may be a system's way to show it (DESIGN section 2, "Rendering")."""
RACE: Final[Micros] = 5 * SECOND
AGAIN: Final[Micros] = 120 * SECOND
"""So long after a crash what was frozen before it may be sent."""
"""How long before a create left a reply must have come in for the oracle to say that the hub knew."""


@dataclass(slots=True)
class Case:
    """What is judged. `remotes` in the order of the configuration, which ranks seeds."""

    remotes: Sequence[HabitRemote]
    quiet_at: Micros
    """World time at which people had stopped and the hub said that it was quiet."""
    office: Office = field(default_factory=Office)
    """What operators decided."""
    creates: frozenset[str] = frozenset()
    """Remotes in which the hub creates every customer."""
    low_us: Micros = 0
    high_us: Micros = 0
    """How far the hub's wall clock was off, at least and at most."""
    open_items: Sequence[str] = ()
    """What the hub still has open."""
    not_kept: frozenset[tuple[str, str]] = frozenset()
    """(remote, external id) of reviews that say: this system does not keep or rewrites our value; open, or answered with no."""
    crashed_at: Sequence[Micros] = ()
    """When the hub fell."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be, with the journal lines that prove it."""

    rule: str
    about: str
    proof: tuple[str, ...]


@dataclass(slots=True)
class Verdict:
    """What the oracle found."""

    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def judge(case: Case) -> Verdict:
    """Judge a world that went quiet."""
    verdict = Verdict()
    for email, lives in _people(case).items():
        verdict.counts["people"] += 1
        if " = " not in email:  # two who turned out to be one may be twice in a system
            _judge_births(case, verdict, email, lives)
        _judge_writes(case, verdict, email, lives)
        if any(n > 1 for n in Counter(life.remote.name for life in lives if life.died_at == NEVER).values()):
            verdict.counts["people twice in one system by their own doing"] += 1
            continue
        for path in _paths(lives):
            _judge_field(case, verdict, email, lives, path)
    verdict.violations += [Violation("left open", item, ()) for item in case.open_items]
    verdict.violations += [Violation(*found) for found in judge_orders(case.remotes, case.office)]
    return verdict


def _people(case: Case) -> dict[str, list[Life]]:
    """Return all lives by person; those whom an operator said to be one are one."""
    people = lives_of(case.remotes, forgotten=case.office.forgets())
    for group in case.office.groups():
        emails = [email for email in people if email in group]
        lives = [life for email in emails for life in people.pop(email)]
        people[" = ".join(emails)] = sorted(lives, key=lambda life: (life.rank, life.born.at))
    return people


def _paths(lives: Iterable[Life]) -> list[str]:
    said = {path: None for life in lives for entry in life.entries for path in entry.detail["now"]}
    return [path for path in (*SCALARS, *(p for p in said if p not in SCALARS)) if path in said]


# --- one field of one person


def _judge_field(case: Case, verdict: Verdict, email: str, lives: Sequence[Life], path: str) -> None:
    telling = Telling(path, case.low_us, case.high_us)
    edits = telling.replay(lives)
    _doubt_hidden(edits, lives, path)
    verdict.counts["edits"] += sum(not e.seed for e in edits)
    verdict.counts["edits between look and write"] += len(telling.windows)
    said = reline(case.office, edits, lives, path, case.low_us)
    said = [edit for edit in said if not _is_mute(case, edit.life, path)]
    fit = candidates(said, case.office.policies.get(path.partition("/")[0], Policy()))
    verdict.counts["edits that may go either way"] += len(fit) > 1
    living = [life for life in lives if life.died_at == NEVER and not _is_mute(case, life, path)]
    shown = [(life, meant(path, _shown(life).get(path))) for life in living if not _excused(case, life, path)]
    unsaid = all(edit.optional for edit in said) and (len(said) < len(edits) or was_out(case.office, lives, path))
    if unsaid or (path == "email" and " = " in email):
        verdict.counts["values that nobody stands for"] += 1
        return  # a login is never changed; and what nobody says any more stays as it was
    if any(all(_stands_for(life, value, edit) for life, value in shown) for edit in fit):
        return
    if all(edit.optional for edit in said) and all(value is None for _, value in shown):
        return  # perhaps the hub never saw any of them
    there = [(life.remote.name, value) for life, value in shown]
    about = f"{path} of {email}: shown {there}, right would be {[e.value for e in fit]}"
    verdict.violations.append(Violation("wrong value", about, _proof(lives, path)))


def _is_mute(case: Case, life: Life, path: str) -> bool:
    """Whether what a record says of a path does not count, and nothing is written there: only watched, or without a line."""
    return life.remote.name in case.office.observed() or is_out(case.office, life, path)


def _shown(life: Life) -> dict[str, Any]:
    return flat(life.remote.rows[int(life.external_id)].fields)


def _expected(life: Life, edit: Edit) -> Any:
    return meant(edit.path, edit.value if edit.life is life else life.remote.habits.render(edit.path, edit.value))


def _stands_for(life: Life, value: Any, edit: Edit) -> bool:
    """Whether what a record shows is an edit there; a system that ignores our writes may show what only looks like it.

    Nothing tells that from its own spelling of our value (equal but for case and blanks, or the first characters of it).
    """
    expected = _expected(life, edit)
    if edit.path not in life.remote.habits.ignores or not isinstance(value, str) or not isinstance(expected, str):
        return bool(value == expected)
    shown, sent = value.strip().casefold(), expected.strip().casefold()
    return shown == sent or (len(shown) >= PREFIX and sent.startswith(shown))


def _excused(case: Case, life: Life, path: str) -> bool:
    """A system that ignores our writes of a field shows its own, and there is a review that says so."""
    if path not in life.remote.habits.ignores:
        return False
    return (life.remote.name, life.external_id) in case.not_kept or _hidden_by_a_write(life, path)


def _doubt_hidden(edits: Sequence[Edit], lives: Sequence[Life], path: str) -> None:
    """An edit that the answer of an ignored write showed may have been taken for a rendering: then it never counted."""
    for life in lives:
        own = [edit for edit in edits if edit.life is life]
        if own and path in life.remote.habits.ignores and not own[-1].seed and _hidden_by_a_write(life, path):
            own[-1].optional = own[-1].optional or "between look and write"


def _hidden_by_a_write(life: Life, path: str) -> bool:
    """Whether the last edit fell between look and write, or between an ignored write and the first read that could show it.

    Nothing tells the answer or the read-back from a rendering: it is the write's own, and the version moved once. Where the
    answer shows the record, or the write moved the version for something else, the edit that follows can be told from it.
    """
    habits = life.remote.habits
    edits = [e for e in life.entries if e.actor != "api" and path in e.detail["now"]]
    writes = [e for e in life.entries if e.actor == "api" and path in e.detail.get("asked", ())]
    if not edits:
        return False
    last = edits[-1].at
    before = any(last < write.at and not life.reads(last, write.detail.get("left_at", write.at)) for write in writes)
    blind = habits.version is VersionKind.COUNTER and habits.answers != "full" and not habits.bumps_always
    still = [write for write in writes if all(habits.is_silent(other) for other in write.detail["now"])]
    return before or (blind and any(write.at <= last and not life.reads(write.at, last) for write in still))


def candidates(edits: Sequence[Edit], policy: Policy) -> list[Edit]:
    """Return the edits that may rightly have won."""
    pools = [list(edits)]
    if policy.kind in ("prefer", "owner"):
        pools = [pool for name in policy.ranks if (pool := [e for e in edits if e.life.remote.name == name and _stands(e.life)])]
        living = [e for e in edits if _stands(e.life)]
        pools.append([e for e in living if e.life.remote.name not in policy.ranks])
        pools.append(list(edits))  # departed values are skipped as long as a living system says anything
    fit: list[Edit] = []
    for pool in pools:
        fit += [e for e in pool if not any(beats(other, e) and not other.optional for other in pool)]
        if policy.kind == "most_restrictive":
            fit += [e for e in pool if e.value == "withdrawn" and e not in fit and not any(_follows(other, e) for other in pool)]
        if any(not e.optional for e in pool):
            break
    return fit


def _stands(life: Life) -> bool:
    """Whether what a record said still ranks: it is there, or a restore lost it, and nobody took it back."""
    return life.died_at == NEVER or life.lost


def beats(one: Edit, other: Edit) -> bool:
    """Say whether `one` surely beats `other`, whatever the hub saw first."""
    if one is other:
        return False
    if one.seed != other.seed:
        return other.seed
    if one.seed:
        return one.life.rank < other.life.rank
    return _follows(one, other) or one.lo > other.hi


def _follows(one: Edit, other: Edit) -> bool:
    """Whether `one` was made on top of `other`: later on the same record, or on the hub's rendering of it."""
    if one is other or one.seed:
        return False
    base = one.on
    while base is not None:
        if base is other or (base.life is other.life and base.entry.at > other.entry.at and not base.seed):
            return True
        base = base.on
    return one.life is other.life and one.entry.at > other.entry.at


# --- creates and writes


def _judge_births(case: Case, verdict: Verdict, email: str, lives: Sequence[Life]) -> None:
    for remote in case.remotes:
        here = [life for life in lives if life.remote is remote and not life.lost]  # what a restore lost is made again
        made = [life for life in here if life.by_hub]
        verdict.counts["created by the hub"] += len(made)
        if sum(not _went_untold(life) for life in made) > 1:
            verdict.violations.append(Violation("created twice", f"{email} in {remote.name}", _births(made)))
        for life in made:
            others = [other for other in here if other is not life and not _went_unmet(other, lives)]
            if any(_was_known(other, life, case.crashed_at) for other in others):
                verdict.violations.append(Violation("created though known there", f"{email} in {remote.name}", _births(here)))
        untouched = all(life.died_at == NEVER or life.lost for life in lives)
        watched = case.office.observed()
        if (
            remote.name in case.creates - watched
            and not here
            and untouched
            and any(life.remote.name not in watched and not life.by_hub and _was_met(life) for life in lives)
        ):
            verdict.violations.append(Violation("not created", f"{email} in {remote.name}", _births(lives)))


def _went_untold(life: Life) -> bool:
    """Whether a restore took a record before any answer told the hub that its create had worked; then it is made anew."""
    return life.entries[-1].action == "lost" and str(life.born.detail.get("key")) not in life.remote.answered


def _was_met(life: Life) -> bool:
    """Whether a record is there, or was surely read before a restore lost it."""
    return not life.lost or len(life.reads(life.born.at)) > 1


def _was_known(other: Life, made: Life, crashed_at: Sequence[Micros]) -> bool:
    """Whether a reply had shown a record some seconds before the request for a second one was first sent.

    Where only a key makes a create safe, a try whose fate is unknown has to be sent again whatever is read meanwhile; and between
    the freezing of a request and its leaving a reply may come in, a race that nothing can close without a natural key. After a
    crash nobody knows whether what was frozen before had left, so it counts as sent by then.
    """
    remote, detail = made.remote, made.born.detail
    left = remote.first_left.get(str(detail.get("key")), detail.get("left_at", made.born.at))
    left_at = min([left, *(at for at in crashed_at if left - AGAIN < at < left)]) - RACE
    return other.born.at < left_at and bool(other.reads(other.born.at, left_at))


def _went_unmet(other: Life, lives: Sequence[Life]) -> bool:
    """Whether a record was gone before its person was seen anywhere else: whoever comes then is new to the hub.

    Where nobody else ever came, it is the hub's own copies that would have brought somebody back who was deleted.
    """
    elsewhere = [life for life in lives if life.remote is not other.remote and not life.by_hub]
    return other.died_at != NEVER and bool(elsewhere) and all(not life.reads(life.born.at, other.died_at) for life in elsewhere)


def _judge_writes(case: Case, verdict: Verdict, email: str, lives: Sequence[Life]) -> None:
    said = Counter(path for life in lives for e in life.entries if e.actor != "api" for path in e.detail["now"])
    chosen_again = 2 * len(case.office.of("mode", "policy", "line", "merge"))
    for life in lives:
        writes = [e for e in life.entries if e.actor == "api" and e.action == "write"]
        verdict.counts["writes"] += len(writes)
        late = [e for e in writes if e.at > case.quiet_at]
        if late:
            verdict.violations.append(
                Violation("writes after quiet", f"{email} in {life.remote.name}", tuple(map(line, late[:6])))
            )
        changed = Counter(path for e in writes for path in e.detail["now"])
        for path, times in changed.items():
            if times > said[path] + 3 + chosen_again:
                about = f"{path} of {email} in {life.remote.name}: {times} writes for {said[path]} edits"
                verdict.violations.append(Violation("too many writes", about, _proof([life], path)))
        vain = sum(not e.detail["changed"] for e in writes)
        if vain > 4 * sum(said.values()) + 10:
            verdict.violations.append(Violation("too many vain writes", f"{email} in {life.remote.name}: {vain}", ()))


# --- proof


def line(entry: Entry, name: str = "") -> str:
    """Return a journal entry as one line."""
    detail = entry.detail
    more = " ".join(f"{key}={detail[key]}" for key in ("source_us", "left_at", "key", "asked") if detail.get(key) is not None)
    return f"{entry.at} {name} {entry.actor} {entry.action} {entry.external_id} {detail.get('was')} -> {detail.get('now')} {more}"


def _births(lives: Iterable[Life]) -> tuple[str, ...]:
    return tuple(line(life.born, life.remote.name) for life in lives)


def _proof(lives: Iterable[Life], path: str) -> tuple[str, ...]:
    touching = [(e, life) for life in lives for e in life.entries if path in e.detail["now"] or path in e.detail.get("asked", ())]
    return tuple(_step(e, life, path) for e, life in sorted(touching, key=lambda pair: pair[0].at))


def _step(entry: Entry, life: Life, path: str) -> str:
    was, now = entry.detail["was"].get(path), entry.detail["now"].get(path)
    times = f"source {entry.detail.get('source_us')} left {entry.detail.get('left_at')}"
    return f"{entry.at} {life.remote.name} {entry.actor} {entry.action} {entry.external_id}: {was!r} -> {now!r} {times}"
