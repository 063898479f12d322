"""How values are written in config.yaml: durations, sizes, shares, and the base of every shape."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field

from hub.yamlfile import Strict

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SIZE: Final = re.compile(r"(\d{1,6})(MB|GB)")
_UNIT_BYTES: Final = {"MB": 1_000_000, "GB": 1_000_000_000}
_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def read_duration(value: Any) -> Any:
    """Return seconds for `500ms`, `30s`, `5m`, `1h`."""
    if not isinstance(value, str):
        if isinstance(value, float) or value is None:
            return value
        raise ValueError("A duration has a unit: 500ms, 30s, 5m or 1h.")
    found = _DURATION.fullmatch(value)
    if not found:
        raise ValueError("A duration is written like 500ms, 30s, 5m or 1h.")
    return float(found[1]) * _UNIT_S[found[2]]


def read_size(value: Any) -> Any:
    """Return bytes for `200MB`, `5GB`; 0 is 0."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found:
        return int(found[1]) * _UNIT_BYTES[found[2]]
    if value == 0 and not isinstance(value, bool):
        return 0
    raise ValueError("A size is written like 200MB or 5GB.")


def read_share(value: Any) -> Any:
    """Return 0.2 for `20%`; 0 is 0."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.\d+)?%", value) and float(value[:-1]) <= 100:
        return float(value[:-1]) / 100
    if value == 0 or isinstance(value, float):
        return float(value)
    raise ValueError("A share is written like 20%, from 0% to 100%.")


def read_whole(value: Any) -> Any:
    """Return a number that came through the environment as text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def read_several(value: Any) -> Any:
    """Return one text or several as a tuple; a list as YAML has it would be none to a strict shape."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def read_setting(value: Any) -> Any:
    """Return a setting as text, as a person wrote it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


Seconds = Annotated[float, BeforeValidator(read_duration), Field(gt=0)]
Share = Annotated[float, BeforeValidator(read_share), Field(ge=0, le=1)]
Several = Annotated[tuple[str, ...], BeforeValidator(read_several), Field(min_length=1)]
Bytes = Annotated[int, BeforeValidator(read_size), Field(ge=0)]
SettingValue = Annotated[str, BeforeValidator(read_setting)]


class Shape(Strict):
    """Base of the shapes: a field with a unit in its name has an alias without it, as people write it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)
