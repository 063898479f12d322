"""A port that the hub needs is taken: it says so, ends with code 2, leaves nothing behind, and starts once the port is free."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Mapping

from demo.stage import HUB
from demo.world import Size, build
from hub.clock import SystemClock
from tests.chaos.hall import Hall
from tests.chaos.result import Row

REFUSED = 2
DOORS = ("HUB_PORT", "HUB_MONITOR_PORT")
KIND = "port taken"
CHECKED = "exit code 2, one sentence with port, reason and setting; nothing left; then it starts"


def take_ports(seed: int) -> Row:
    """Start the daemon beside somebody who has its port, for each of its two."""
    clock = SystemClock()
    began = clock.elapsed()
    wrong: list[str] = []
    hall = Hall(build(seed, clock.now, Size(products=1, both=1, shop_only=0, till_only=0)), clock)
    with hall:
        hall.stop_hub()
        for name in DOORS:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                wrong += judge_start(hall, {name: str(taken.getsockname()[1])})
        hall.start_hub()
        wrong += [] if hall.stop_hub() == 0 else ["it did not stop well once it had its ports"]
    return Row(KIND, len(DOORS), CHECKED, tuple(wrong), round(clock.elapsed() - began, 1))


def judge_start(hall: Hall, taken: Mapping[str, str]) -> list[str]:
    """Try to start; return what is wrong with how that ended."""
    command = [*HUB, "run", "--config", str(hall.folder / "config.yaml")]
    done = subprocess.run(command, env=hall.environ() | taken, capture_output=True, text=True, timeout=60, check=False)
    ((name, port),) = taken.items()
    said = " ".join(done.stderr.split())
    setting = "receiver: port:" if name == "HUB_PORT" else "monitor: port:"
    wrong = [f"{name}: exit code {done.returncode}"] if done.returncode != REFUSED else []
    wrong += [f"{name}: no word of {word!r} in {said!r}" for word in (port, "in use", setting) if word not in said]
    wrong += [f"{name}: a trace instead of a sentence"] if "Traceback" in said else []
    return wrong + ([f"{name}: a control file is left"] if hall.installation().control_file.exists() else [])
