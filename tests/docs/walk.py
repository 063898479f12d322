"""Walks through a page as a newcomer would: types its commands, writes its files, and reads what comes.

In: a page whose ```console blocks hold `$ command` (a shell), `> words` (typed into `hub demo --systems`) and `^C` (ends
`hub run`), each followed by what is printed, and whose blocks with a title are files. Out: what was really printed.
`python -m tests.docs.walk docs/tutorial.md` writes the page anew; look at the difference before it is committed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.e2e.process import CLOCK, free_port
from tests.wheel import build_wheel, install_wheel

PORTS: Final = {"HUB_PORT": "8100", "SHOP_PORT": "8101", "TILL_PORT": "8102"}
READS: Final = re.compile(r"hub (status|freshness|plan|explain|show|check|deadletter list|review list|connection list)\b")
"""What may be asked again until the answer is there."""
PATIENCE_S: Final = 40.0
SETTLE_S: Final = 4.0
"""How long the writer of the page lets things settle before it asks."""
_BLOCK: Final = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)
_ALERTS: Final = re.compile(r"^Alert since .*\n(?:(?!Alert |Needs you|Nothing needs you).*\n)*", re.MULTILINE)
"""They come and go a while after their cause; their text has a test of its own."""
_VARIES: Final = (
    (_ALERTS, ""),
    (re.compile(r"\b\d\d? [A-Z][a-z]{2} \d{4}\b"), "1 Jan 2026"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "12:00"),
    (re.compile(r"\b[A-Z0-9]{26}\b"), "A" * 26),
    (re.compile(r" +$", re.MULTILINE), ""),
)


@dataclass(slots=True)
class Step:
    """Something a newcomer does: `kind` is `$`, `>`, `^` or a file's name; `says` is what the page shows for it."""

    kind: str
    words: str
    says: list[str] = field(default_factory=list)
    place: int = 0
    """The block of the page it stands in."""


def read_steps(text: str) -> list[Step]:
    """Return what a page tells to do, in order."""
    steps: list[Step] = []
    for place, (language, title, body) in enumerate(_BLOCK.findall(text)):
        if title:
            steps.append(Step(title, body, place=place))
        elif language == "console":
            steps += _typed(body, place)
    return steps


def _typed(body: str, place: int) -> Iterator[Step]:
    step = None
    for line in body.splitlines():
        if line[:2] in ("$ ", "> ") or line == "^C":
            if step is not None:
                yield step
            step = Step(line[0], line[2:], place=place)
        else:
            assert step is not None, f"nothing was typed before `{line}`"
            step.says.append(line)
    if step is not None:
        yield step


def settled(lines: list[str]) -> str:
    """Return what was printed, without what differs each time."""
    text = "\n".join(lines)
    for varies, same in _VARIES:
        text = varies.sub(same, text)
    return text.strip("\n")


class Newcomer:
    """Somebody with an empty folder and the programs of a fresh venv. A context manager: leaving ends what still runs."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._swap = {old: str(free_port()) for old in PORTS.values()}
        keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environ = {
            **keep,
            **{name: self._swap[old] for name, old in PORTS.items()},
            "LOGNAME": "kim",
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "*",
        }
        self._hub: subprocess.Popen[str] | None = None
        self._systems: subprocess.Popen[str] | None = None
        self._heard: list[str] = []

    def __enter__(self) -> Newcomer:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._hub, self._systems):
            if each is not None:
                each.kill()
                each.communicate()

    def do(self, step: Step) -> list[str]:
        """Do it once; return what was printed."""
        words = self._out(step.words)
        match step.kind:
            case "$" if words.startswith("cd "):
                self.folder /= words.removeprefix("cd ")
                printed = ""
            case "$" if words == "hub run":
                printed = self._run()
            case "$" if words == "hub demo --systems":
                printed = self._open_systems()
            case "$":
                printed = self._call(words)
            case ">":
                printed = self._tell(words)
            case "^":
                printed = self._stop()
            case name:
                (self.folder / name).write_text(words, encoding="utf-8")
                printed = ""
        for old, new in self._swap.items():
            printed = printed.replace(new, old)
        return printed.replace(str(self.folder), ".").splitlines()

    def runs(self) -> bool:
        """Say whether a hub runs."""
        return self._hub is not None

    def _out(self, words: str) -> str:
        for old, new in self._swap.items():
            words = re.sub(rf"\b{old}\b", new, words)
        return words

    def _call(self, words: str) -> str:
        command = ["bash", "-c", words]
        pipes: Mapping[str, int] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(
            command, cwd=self.folder, env=self._environ, stdin=subprocess.DEVNULL, text=True, timeout=90, check=False, **pipes
        )
        return str(done.stdout)

    def _run(self) -> str:
        log = (self.folder / "run.log").open("w+", encoding="utf-8")
        with log:
            started = subprocess.Popen(["hub", "run"], cwd=self.folder, env=self._environ, stdout=log, stderr=log, text=True)
            while started.poll() is None and not self._is_well():
                CLOCK.signal().wait(0.05)
            if started.poll() is None:
                self._hub = started
                return ""
            log.seek(0)
            return log.read()

    def _is_well(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._swap['8100']}/healthz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def _stop(self) -> str:
        assert self._hub is not None, "a hub runs"
        self._hub.send_signal(signal.SIGINT)
        self._hub.wait(20)
        self._hub = None
        return ""

    def _open_systems(self) -> str:
        pipes: Mapping[str, int] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self._systems = subprocess.Popen(["hub", "demo", "--systems"], cwd=self.folder, env=self._environ, text=True, **pipes)
        threading.Thread(target=self._listen, daemon=True).start()
        return self._hear(8)

    def _listen(self) -> None:
        assert self._systems is not None
        assert self._systems.stdout is not None
        for line in self._systems.stdout:
            self._heard.append(line)

    def _tell(self, words: str) -> str:
        assert self._systems is not None, "the systems run"
        assert self._systems.stdin is not None
        self._systems.stdin.write(words + "\n")
        self._systems.stdin.flush()
        return self._hear(1)

    def _hear(self, least: int) -> str:
        """Return the lines that came: at least so many, and then until it is quiet for a moment."""
        until, seen = CLOCK.elapsed() + 30, -1
        while len(self._heard) < least or len(self._heard) != seen:
            assert CLOCK.elapsed() < until, f"the systems said only {self._heard}"
            seen = len(self._heard)
            CLOCK.signal().wait(0.2)
        said, self._heard[:] = "".join(self._heard), []
        return said


def walk(newcomer: Newcomer, step: Step) -> list[str]:
    """Do what a page says; what only reads is asked again until the answer is the page's, or patience ends."""
    until = CLOCK.elapsed() + PATIENCE_S
    printed = newcomer.do(step)
    while step.kind == "$" and READS.match(step.words) and settled(printed) != settled(step.says) and CLOCK.elapsed() < until:
        CLOCK.signal().wait(0.3)
        printed = newcomer.do(step)
    return printed


def rewrite(page: Path) -> None:
    """Walk through a page and write down what was really printed."""
    text = page.read_text("utf-8")
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        (work / "desk").mkdir()
        programs = install_wheel(build_wheel(work), work / "venv")
        with Newcomer(programs, work / "desk") as newcomer:
            steps = read_steps(text)
            for step in steps:
                if newcomer.runs() and READS.match(step.words):
                    CLOCK.signal().wait(SETTLE_S)
                step.says = _ALERTS.sub("", "\n".join(newcomer.do(step))).splitlines()
    bodies: dict[int, list[str]] = {}
    for step in (one for one in steps if one.kind in "$>^"):
        line = "^C" if step.kind == "^" else f"{step.kind} {step.words}"
        bodies.setdefault(step.place, []).extend([line, *(said.rstrip() for said in step.says)])
    places = iter(range(len(_BLOCK.findall(text))))

    def body(found: re.Match[str]) -> str:
        place = next(places)
        return f"```console\n{chr(10).join(bodies[place])}\n```" if place in bodies else found[0]

    page.write_text(_BLOCK.sub(body, text), "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
