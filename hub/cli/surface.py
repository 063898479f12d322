"""What all commands share: options, the envelope, pages for people, errors and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TextIO, TypeAlias

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from hub.errors import HubError
    from hub.ops.installation import Installation

VERSION: Final = 1
"""Of the envelope. It grows when a name in `data` changes its meaning or goes."""
OK, INTERNAL, REFUSED, REMOTE = 0, 1, 2, 3
DIFFERS: Final = 4
"""Exit code of `audit`: all could be looked at, and something is not as it should be."""
CRITICAL: Final = 50
WIDE: Final = 160
"""Columns of a page that goes into a pipe or a file."""

ConfigFile: TypeAlias = Annotated[
    Path, typer.Option("--config", "-c", envvar="HUB_CONFIG", help="The installation to work on.", show_default="config.yaml")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON envelope for machines.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
CONFIG: Final = Path("config.yaml")


def emit(command: str, data: Any, *, as_json: bool, page: Callable[[Console], None]) -> None:
    """Print what a command found: an envelope, or a page."""
    if as_json:
        write_json({"version": VERSION, "command": command, "data": data})
        return
    page(console())


def write_json(body: dict[str, Any]) -> None:
    """Print one JSON document."""
    import orjson

    sys.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()


def console(*, errors: bool = False) -> Console:
    """Return where pages go. Colours only on a terminal, and never against NO_COLOR; values cannot command the terminal."""
    from rich.console import Console
    from rich.text import Text

    from hub.cli.page import printable

    class Page(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(printable(text), **how)

    stream = sys.stderr if errors else sys.stdout
    return Page(file=stream, highlight=False, width=_width(stream), emoji=False, markup=False, soft_wrap=False)


def _width(stream: TextIO) -> int | None:
    """Return the columns of a page that goes into a pipe or a file; None: those of the terminal."""
    if stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isascii() and said.isdigit() and int(said) >= 40 else WIDE


def installation(path: Path) -> Installation:
    """Read config.yaml. What the hub's parts would log is for `hub run`: a command says what it has to say itself."""
    from hub.events import configure_logging
    from hub.ops.installation import read_installation

    configure_logging(json=False, level=CRITICAL)
    return read_installation(path)


def asks_people() -> bool:
    """Say whether somebody sits there who can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def run_app(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code. Every error is said in one sentence with what to do next."""
    from hub.cli.app import app
    from hub.errors import HubError

    as_json = "--json" in arguments
    try:
        done = app(list(arguments), standalone_mode=False, prog_name="hub")
    except HubError as error:
        return _say(error, arguments, as_json=as_json)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; nothing more can be said
        return OK
    except Exception as error:  # noqa: BLE001 - the last door: a person gets a sentence, not a trace
        return _say_other(error, arguments, as_json=as_json)
    return int(done) if isinstance(done, int) else OK


def exit_code(error: HubError) -> int:
    """Return the exit code of an error's group (DESIGN section 11)."""
    from hub.errors import Pause, Refuse, Retry, StoreBusy, StoreLost

    if isinstance(error, Refuse):
        return REFUSED
    return REMOTE if isinstance(error, (Retry, Pause, StoreBusy, StoreLost)) else INTERNAL


def _say(error: HubError, arguments: Sequence[str], *, as_json: bool) -> int:
    place = getattr(error, "place", None)
    if as_json:
        said = {"code": error.code, "message": error.message, "fix": error.fix, "place": str(place) if place else None}
        write_json({"version": VERSION, "command": _command(arguments), "error": said})
        return exit_code(error)
    out = console(errors=True)
    out.print(f"{place}: {error.message}" if place else error.message, style="bold red")
    if error.fix:
        out.print(f"  {error.fix}")
    return exit_code(error)


def _command(arguments: Sequence[str]) -> str:
    """Return the words of the command itself, without what was said to it."""
    from typer.main import get_command

    from hub.cli.app import app

    words, known = [], getattr(get_command(app), "commands", {})
    for word in arguments:
        if word not in known:
            break
        words.append(word)
        known = getattr(known[word], "commands", {})
    return " ".join(words)


def _say_other(error: Exception, arguments: Sequence[str], *, as_json: bool) -> int:
    """Say what the command line library or the operating system has to say; anything else is our fault."""
    from hub.errors import HubError, Unavailable, UsageError

    said: HubError
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        if not as_json and hasattr(error, "show"):
            error.show()
            return REFUSED
        said = UsageError(str(error.format_message()), fix="See --help.")
    elif type(error).__name__ == "Abort":
        return 130
    elif isinstance(error, OSError):
        said = Unavailable(
            f"{error.strerror or type(error).__name__}: {error.filename or ''}".rstrip(": ") + ".", fix="Check it."
        )
    else:
        place = _place(error)
        said = HubError(f"Something went wrong inside the hub ({type(error).__name__} at {place}).", fix="Please report it.")
    return _say(said, arguments, as_json=as_json)


def _place(error: Exception) -> str:
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
