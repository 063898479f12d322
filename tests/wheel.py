"""The wheel, built from this checkout and installed where nothing else of it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PARTS: Final = ("hub", "connectors", "mappings", "demo", "requirements")
FILES: Final = ("pyproject.toml", "README.md", "LICENSE", "config.yaml")


def build_wheel(folder: Path) -> Path:
    """Build the wheel in a copy of what it is made of; return its path."""
    source = folder / "source"
    for part in PARTS:
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copyfile(ROOT / file, source / file)
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *flags, "-w", str(folder), str(source)], check=True, env=_environ())
    (wheel,) = folder.glob("syncline-*.whl")
    return wheel


def install_wheel(wheel: Path, folder: Path) -> Path:
    """Install it into an empty venv; return the folder of its programs.

    The packages that it needs are lent by the interpreter that runs the tests, so that no registry is asked.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    (site,) = folder.glob("lib/python*/site-packages")
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", *flags, str(wheel)]
    subprocess.run(pip, check=True, env=_environ())
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")  # its own .pth files do not count
    return folder / "bin"


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
