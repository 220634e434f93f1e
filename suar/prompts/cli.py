"""``suar prompts``: render the voice of the service for a city."""

from __future__ import annotations

import shutil
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
    city: Annotated[
        Path | None, typer.Option(help="The city file; that of suar --city if not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to; over the shipped files if not given.")] = None,
    engine: Annotated[str, typer.Option(help="kokoro, espeak, or auto for the best that is here.")] = "auto",
    everything: Annotated[
        bool, typer.Option("--all", help="The prompts that do not name the city too, and the music.")
    ] = False,
) -> None:
    """Speak this city's name: render the prompts that have it, and copy the others."""
    work: Workplace = Workplace(city, None) if city else ctx.obj
    texts = tables.load(_table())
    shipped_files = _table().parent
    target = out or shipped_files
    voice = choose(engine)
    if target.resolve() != shipped_files.resolve() and not everything:
        for file in sorted(shipped_files.glob("*/*.wav")):
            (target / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / file.parent.name / file.name)
    for path in rendering.render(
        texts, voice, work.city.name, work.city.languages, target, everything=everything
    ):
        typer.echo(f"{path} ({voice.name})")
    if everything:
        typer.echo(f"{rendering.render_music(texts, voice, target)} ({voice.name})")


def _table() -> Path:
    return shipped("asterisk-config") / "prompts" / "prompts.toml"
