"""The file .env beside config.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.config.environ import read_environ
from hub.errors import ConfigError
from hub.ops.installation import read_installation


def test_reads_names_and_values_when_they_are_written_in_any_usual_way(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('# a remark\n\nA=1\nexport B = two words # kept\nC=\'#3\'\nD="a=b$A"\nE=\n F="\n', "utf-8")
    assert read_environ(file) == {"A": "1", "B": "two words # kept", "C": "#3", "D": "a=b$A", "E": "", "F": '"'}


def test_reads_nothing_when_there_is_no_file(tmp_path: Path) -> None:
    assert read_environ(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("said", "line", "words"),
    [(b"A=1\nhunter2", 2, "NAME=value"), (b"A=1\nB=2\nA=hunter2", 3, "twice"), (b"A=hunter2\xff", 1, "cannot be read")],
)
def test_refuses_with_the_line_and_without_the_value_when_it_is_wrong(tmp_path: Path, said: bytes, line: int, words: str) -> None:
    (tmp_path / ".env").write_bytes(said)
    with pytest.raises(ConfigError, match=words) as refused:
        read_environ(tmp_path / ".env")
    assert refused.value.place is not None
    assert refused.value.place.line == line
    assert "hunter2" not in f"{refused.value} {refused.value.fix}"


def test_config_takes_the_environment_first_when_both_say_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text('retailer: "${NAME_OF_IT}"\nreceiver: {port: "${PORT_OF_IT}"}\n', "utf-8")
    (tmp_path / ".env").write_text("NAME_OF_IT=File\nPORT_OF_IT=1\n", "utf-8")
    monkeypatch.setenv("PORT_OF_IT", "2")
    config = read_installation(tmp_path / "config.yaml").config
    assert (config.retailer, config.receiver.port) == ("File", 2)
