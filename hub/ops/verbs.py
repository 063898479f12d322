"""What can be asked of a hub that changes its state, by name: carried out by the running hub, or alone with the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hub.clock import Clock
from hub.errors import ConfigError, StoreBusy, UsageError
from hub.model.run import Mode
from hub.model.values import Doc
from hub.ops.acts import ask_for
from hub.ops.connections import pause, resume
from hub.ops.deadletters import drop, replay
from hub.ops.installation import Installation, instance_of
from hub.ops.modes import finish_settling, set_mode, switch_writes
from hub.ops.office import Alone, Office
from hub.ops.operate import resync_at
from hub.ops.pins import pin, unpin
from hub.ops.plan import approve
from hub.ops.repair import repair
from hub.ops.restores import finish_looking
from hub.ops.reviews import resolve_review
from hub.ops.split import split
from hub.ops.undo import undo
from hub.ops.undo_plan import undo_plan
from hub.ops.undo_run import undo_run
from hub.runtime.clock import SteadyClock, last_known_time
from hub.runtime.control import call

Verb = Callable[..., Doc]
VERBS: Final[Mapping[str, Verb]] = {
    "act": ask_for,
    "approve": approve,
    "drop": drop,
    "mode": lambda office, connection, mode: set_mode(office, connection, Mode(mode)),
    "pause": pause,
    "pin": pin,
    "ping": lambda _office: {"running": True},
    "repair": repair,
    "replay": replay,
    "resolve": resolve_review,
    "resume": resume,
    "resync": resync_at,
    "split": split,
    "undo": undo,
    "undo_plan": undo_plan,
    "undo_run": undo_run,
    "unpin": unpin,
    "writes": lambda office, on: switch_writes(office, on=on),
}


def carry_out(office: Office, verb: str, args: Doc) -> Doc:
    """Carry out a verb. Raises UsageError for one that is not known."""
    if verb not in VERBS:
        raise UsageError(f"This hub cannot `{verb}`.", fix="Is the running hub of another release?")
    return VERBS[verb](office, **args)


def act(installation: Installation, clock: Clock, verb: str, **args: Any) -> Doc:
    """Have the running hub do it; without one, do it here. `through` in the answer says which."""
    answer = call(installation.control_file, verb, args)
    if answer is not None:
        return {**answer, "through": "the running hub"}
    try:
        store = installation.store()
    except StoreBusy:
        raise StoreBusy(
            "The store is in use by a command or a hub that does not answer.", fix="Wait for it to end, then try again."
        ) from None
    try:
        with store.unit() as unit:
            instance = instance_of(unit, clock)
        ground, steady = installation.ground(instance), SteadyClock(clock, last_known_time(store))
        office = Alone(ground, store, steady, lambda: installation.wirings(ground, steady))
        finish_settling(office)
        finish_looking(office)
        return {**carry_out(office, verb, args), "through": "the store"}
    finally:
        store.close()


def is_running(installation: Installation) -> bool:
    """Say whether a hub runs over this installation's store."""
    try:
        return call(installation.control_file, "ping", {}, timeout_s=5) is not None
    except (UsageError, ConfigError):
        return False
