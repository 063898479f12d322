"""The command line: nouns and verbs over `hub.ops`. One file per noun.

In: what an operator typed. Out: a page for people, or with `--json` one versioned envelope; exit code 0 done, 1 our fault, 2
refused (a file or the command is wrong), 3 a remote or the environment,
4 (`audit` only) something differs. Nothing heavy is imported until a command needs it.
"""

from __future__ import annotations


def main() -> None:
    """Run the command that was typed and exit."""
    import sys

    from hub.cli.surface import run_app

    sys.exit(run_app(sys.argv[1:]))
