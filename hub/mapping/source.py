"""A YAML text as nodes that know their line and column, and the list of everything wrong with it.

Anchors, aliases and tags are refused: a mapping file is a table, and every cell stands where it is read. Booleans are `true`
and `false` only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hub.errors import MappingError, Place
from hub.model.values import MISSING

_TAG: Final = "tag:yaml.org,2002:"
_SPOKEN: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_LOOK: Final = "look here and above for a bracket, a quote or a colon that is missing, and at the blanks in front"


@dataclass(slots=True)
class Source:
    """One file being read. `errors` collects what is wrong; reading goes on wherever it makes sense."""

    file: str
    errors: list[MappingError] = field(default_factory=list)

    def place(self, node: Node) -> Place:
        """Return where a node starts."""
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def error(self, node: Node | None, message: str, fix: str = "") -> None:
        """Note one error. Without a node the file as a whole is meant."""
        self.errors.append(MappingError(message, place=self.place(node) if node else Place(self.file, 1, 1), fix=fix))

    def compose(self, text: str) -> Node | None:
        """Parse the text; None after an error of syntax."""
        try:
            root: Node | None = YAML(typ="rt").compose(text)
        except MarkedYAMLError as broken:
            mark = broken.problem_mark or broken.context_mark
            place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file, 1, 1)
            problem = (broken.problem or broken.context or "cannot be read").strip()
            fix = "indent with blanks, not tabs" if "\\t" in problem else _LOOK
            self.errors.append(MappingError(f"not YAML: {problem}", place=place, fix=fix))
            return None
        except YAMLError:
            self.error(None, "not YAML: the text holds a character that YAML does not know", "save it as UTF-8 text")
            return None
        if root is None:
            self.error(None, "the file is empty", "start with `mapping: 1`")
        return root

    def table(self, node: Node, what: str) -> dict[str, tuple[ScalarNode, Node]]:
        """Return the entries of a table whose keys are single words; a key used twice is an error, the first one counts."""
        out: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in self.pairs(node, what):
            if not isinstance(key, ScalarNode):
                self.error(key, "a key must be a single word")
            elif key.value in out:
                first = out[key.value][0].start_mark.line + 1
                self.error(key, f"`{key.value}` stands here twice (first in line {first})", "keep one of them")
            else:
                out[key.value] = (key, value)
        return out

    def pairs(self, node: Node, what: str) -> list[tuple[Node, Node]]:
        """Return the entries of a table in their order; an error and nothing where it is none."""
        if not isinstance(node, MappingNode):
            self.error(node, f"{what} must be a table (`key: value` lines)")
            return []
        for key, value in node.value:
            for part in (key, value):
                if part.anchor:
                    self.error(part, "anchors and aliases are not part of the mapping language", "write the value out")
        return list(node.value)

    def items(self, node: Node, what: str) -> list[Node]:
        """Return the entries of a list."""
        if not isinstance(node, SequenceNode):
            self.error(node, f"{what} must be a list, like `[a, b]`")
            return []
        return list(node.value)

    def text(self, node: Node, what: str) -> str | None:
        """Return a word or a text; numbers count as the text they show."""
        if isinstance(node, ScalarNode) and node.value != "" and tag(node) not in ("null", "bool"):
            return str(node.value)
        self.error(node, f"{what} must be a text")
        return None

    def flag(self, node: Node, what: str) -> bool:
        """Return `true` or `false`; anything else is an error, also YAML's other spellings."""
        word = str(node.value) if isinstance(node, ScalarNode) else ""
        if word not in ("true", "false") or tag(node) != "bool":
            right = _SPOKEN.get(word.lower(), word.lower())
            self.error(node, f"{what} must be true or false", f"write `{right}`" if right in ("true", "false") else "")
        return word == "true"

    def whole(self, node: Node, what: str, least: int = 1) -> int | None:
        """Return a whole number that is at least `least`."""
        if isinstance(node, ScalarNode) and tag(node) == "int" and node.value.isdecimal() and int(node.value) >= least:
            return int(node.value)
        self.error(node, f"{what} must be a whole number from {least} on", "write digits only, such as 40")
        return None

    def choice(self, node: Node, what: str, choices: Iterable[str]) -> str | None:
        """Return one of the words; an error with the nearest one otherwise."""
        known = list(choices)
        if isinstance(node, ScalarNode) and node.value in known:
            return str(node.value)
        shown = str(node.value) if isinstance(node, ScalarNode) else "this"
        self.error(node, f"`{shown}` is not a {what}", nearest(shown, known) or "one of: " + ", ".join(f"`{k}`" for k in known))
        return None

    def scalar(self, node: Node, what: str) -> Any:
        """Return a JSON scalar as it stands in the document: text, number, true, false or null. MISSING after an error."""
        if not isinstance(node, ScalarNode):
            self.error(node, f"{what} must be a single value")
            return MISSING
        return self._typed(node, what)

    def _typed(self, node: ScalarNode, what: str) -> Any:
        match tag(node):
            case "null":
                return None
            case "bool":
                return self.flag(node, what)
            case "int" if str(int(node.value)) == node.value if node.value.lstrip("-").isdecimal() else False:
                return int(node.value)
            case "float" if node.value.lstrip("-").replace(".", "", 1).isdecimal():
                return float(node.value)
            case "int" | "float":
                self.error(node, f"`{node.value}` can be read as more than one number", f'write `"{node.value}"` if it is a text')
                return MISSING
            case _:
                return str(node.value)


def tag(node: Node) -> str:
    """Return the YAML type of a node in one word: `str`, `int`, `bool`, `null`, `map`, ..."""
    return str(node.tag).removeprefix(_TAG)


def is_word(node: Node, word: str) -> bool:
    """Say whether a node is this word without quotes: `missing` is a sign, `"missing"` a text."""
    return isinstance(node, ScalarNode) and node.value == word and node.style is None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean ...?` with the nearest right spelling, or an empty text."""
    found = difflib.get_close_matches(word, list(known))
    return f"did you mean `{found[0]}`?" if found else ""
