"""`review`: questions the hub has for a person."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, many, moment, put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)


@app.command("list", epilog="Example: hub review list")
def list_all(
    config: ConfigFile = CONFIG,
    *,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those answered already.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the open questions with the answers there are."""
    from hub.ops.reviews import list_reviews

    with installation(config).reader() as reader:
        data = list_reviews(reader, resolved=resolved)

    def page(out: Console) -> None:
        for one in data:
            _show(out, one)
        said = many(len(data), "question") + (" answered." if resolved else ": `hub review resolve NUMBER ANSWER`.")
        out.print(said if data else "No questions.")

    emit("review list", data, as_json=as_json, page=page)


def _show(out: Console, one: dict[str, Any]) -> None:
    out.print(f"{one['id']:>6}  {one['question']}", style="bold")
    rows = [("", f"{e['entity'].replace('_', ' ')} {e['id']}  {e['name']}", "") for e in one["about"]]
    rows += [("in", where, "") for where in [" ".join(word for word in (one["connection"], one["field"]) if word)] if where]
    rows += [(value["connection"], brief(value["shown"]), "") for value in one["values"]]
    rows += [("", f"{one['count']} records so far", "")] * bool(one["count"])
    rows += [("", one["meaning"], "")] * bool(one["meaning"] and not one["answer"])
    answers = " or ".join(f"`{answer}`" for answer in one["answers"])
    rows.append(("answered", one["answer"], "green") if one["answer"] else ("answer", answers, "yellow"))
    if one["hint"] and not one["answer"]:
        rows.append(("or", one["hint"], "dim"))
    rows.append(("since", moment(one["since"]) + " UTC", "dim"))
    put_rows(out, rows, indent=8)


@app.command("show", epilog="Example: hub review show 7")
def show(
    number: Annotated[int, typer.Argument(help="The question, as `hub review list` shows it.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one question whole, also one that was answered: who it is about, what each system says, the answers there are."""
    from hub.ops.reviews import show_review

    with installation(config).reader() as reader:
        data = show_review(reader, number)
    emit("review show", data, as_json=as_json, page=lambda out: _show(out, data))


@app.command("resolve", epilog="Example: hub review resolve 7 merge")
def resolve(
    number: Annotated[int, typer.Argument(help="The question, as `hub review list` shows it.")],
    answer: Annotated[
        list[str],
        typer.Argument(
            help="One that `hub review list` shows: yes or no, merge or keep apart, ...; or the system that is right."
        ),
    ],
    config: ConfigFile = CONFIG,
    *,
    other: Annotated[int | None, typer.Option("--with", help="Whom to merge with, where several are alike.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question; what follows from it is done at once."""
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    said = " ".join(answer).replace("-", " ").lower()
    done = act(installation(config), SystemClock(), "resolve", review_id=number, answer=said, other=other, by=getpass.getuser())

    def page(out: Console) -> None:
        out.print(f"Question {number} stays open." if "open" in done else f"Question {number} is answered: {said}.")
        if "pinned" in done:
            out.print(f"{done['pinned']['field']}: {done['pinned']['shown']}, pinned until `hub unpin`.")
        if "was" in done:
            out.print(f"{done['was']} is {done['merged']} from now on.")

    emit("review resolve", done, as_json=as_json, page=page)
