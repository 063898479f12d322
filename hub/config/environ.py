"""The file `.env` beside config.yaml: variables for its `${NAME}`, in the form that systemd and container engines read too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from hub.errors import ConfigError, Place

ENV_FILE: Final = ".env"
_LINE: Final = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=(?P<value>.*)")
_QUOTES: Final = "\"'"


def read_environ(path: Path) -> dict[str, str]:
    """Return name -> value of a file of NAME=value lines; a file that is not there is empty.

    A value is the rest of its line, without blanks and one pair of quotes around it; nothing inside is replaced. Raises
    ConfigError with file and line, never with what stands there: it may be a secret.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        fix = "Make it a UTF-8 text file that the hub may read."
        raise ConfigError(f"The file `{path.name}` cannot be read.", place=_at(path, 1), fix=fix) from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        said = _LINE.fullmatch(words)
        if said is None:
            raise ConfigError("This is not NAME=value.", place=_at(path, number), fix="Put `#` in front of a remark.")
        if said["name"] in found:
            raise ConfigError(f"`{said['name']}` stands here twice.", place=_at(path, number), fix="Remove one of them.")
        found[said["name"]] = _unquoted(said["value"].strip())
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in _QUOTES else value


def _at(path: Path, line: int) -> Place:
    return Place(path.as_posix(), line, 1)
