"""``suar prompts``: render the voice of the service for a city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suar.paths import shipped
from suar.prompts import render as rendering
from suar.prompts import texts as tables
from suar.prompts.voices import choose
from suar.workplace import Workplace

app = typer.Typer(help="The voice of the service.", no_args_is_help=True)


@app.command(name="list")
def list_() -> None:
    """Show every prompt and its texts."""
    for prompt, by_language in tables.load(_table()).items():
        for language, text in by_language.items():
            typer.echo(f"{prompt:16} {language}  {text}")


@app.command()
def render(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Where to; over the shipped files if not given.")] = None,
    engine: Annotated[str, typer.Option(help="kokoro, espeak, or auto for the best that is here.")] = "auto",
) -> None:
    """Speak every prompt with this city's name."""
    work: Workplace = ctx.obj
    texts = tables.load(_table())
    voice = choose(engine)
    target = out or _table().parent
    for path in rendering.render(texts, voice, work.city.name, work.city.languages, target):
        typer.echo(f"{path} ({voice.name})")
    typer.echo(f"{rendering.render_music(texts, voice, target)} ({voice.name})")


def _table() -> Path:
    return shipped("asterisk-config") / "prompts" / "prompts.toml"
