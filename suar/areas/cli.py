"""``suar areas``: boundaries and places of the city, imported once; what they say of a place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from suar.areas import storing
from suar.areas.auditing import area_km2, complaints
from suar.areas.columns import Chosen
from suar.areas.crs import CrsUnknown, from_name
from suar.areas.errors import ImportRefused
from suar.areas.gazetteer import Finder, Kind
from suar.areas.gazetteer import importing as gazetteer
from suar.areas.importing import import_files
from suar.areas.model import Areas, Level
from suar.areas.placement import Atlas, Share
from suar.areas.shapes import Spot
from suar.city import City
from suar.workplace import Workplace

app = typer.Typer(help="Boundaries and places of the city.", no_args_is_help=True)


@app.command("import")
def import_boundaries(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="GeoJSON files, shapefiles, or zipped shapefiles.")],
    level: Annotated[
        Level | None, typer.Option(help="What the areas are; told from the file if it can be.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The property that has the areas' names.")] = None,
    code: Annotated[str | None, typer.Option(help="The property that has their codes.")] = None,
    parent: Annotated[str | None, typer.Option(help="The property that has the kecamatan's name.")] = None,
    crs: Annotated[
        str | None, typer.Option(help="The coordinates, as EPSG:<number>, if the file is silent or wrong.")
    ] = None,
    origin: Annotated[str | None, typer.Option(help="Who made the files: kept with them.")] = None,
    licence: Annotated[str | None, typer.Option(help="What may be done with them: kept with them.")] = None,
) -> None:
    """Import boundaries; each level in the files takes the place of the same level before."""
    work: Workplace = ctx.obj
    folder = work.state.areas
    try:
        read_as = from_name(crs) if crs else None
    except CrsUnknown as error:
        raise ImportRefused([f"--crs: {error}"]) from error
    imported = import_files(
        files,
        work.city,
        storing.load(folder),
        datetime.now(UTC),
        Chosen(level, name, code, parent),
        crs=read_as,
        origin=origin,
        licence=licence,
    )
    path = storing.save(folder, imported.areas)
    for note in imported.notes:
        typer.echo(note)
    typer.echo(f"{path}: version {imported.areas.version}")
    _tell(imported.areas, work.city)


@app.command("import-places")
def import_places(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="CSV or GeoJSON files of landmarks and streets.")],
    kind: Annotated[
        Kind, typer.Option(help="What they are, where a file does not say: landmark or street.")
    ] = Kind.LANDMARK,
) -> None:
    """Import names that operators type; a file of the same name before makes way."""
    work: Workplace = ctx.obj
    folder = work.state.areas
    places, notes = gazetteer.import_places(files, gazetteer.load(folder), kind)
    path = gazetteer.save(folder, places)
    for note in notes:
        typer.echo(note)
    typer.echo(f"{path}")
    for one in (Kind.LANDMARK, Kind.STREET):
        typer.echo(f"{one:<12} {sum(place.kind is one for place in places):>6}")


@app.command(context_settings={"ignore_unknown_options": True})
def find(
    ctx: typer.Context,
    words: Annotated[str, typer.Argument(help="What an operator would type.")],
) -> None:
    """Say what an operator is offered for her words."""
    work: Workplace = ctx.obj
    folder = work.state.areas
    finder = Finder(work.city, Atlas(storing.load(folder)), gazetteer.load(folder))
    for found in finder.find(words):
        place = found.place
        at = "" if place.lat is None else f"  {place.lat:.5f}, {place.lon:.5f}"
        typer.echo(f"{found.score:5.2f}  {place.kind:<11} {found.words}{at}")


@app.command()
def check(ctx: typer.Context) -> None:
    """Show what is imported and what is odd about it; exit 1 if anything is."""
    work: Workplace = ctx.obj
    areas = storing.load(work.state.areas)
    for source in areas.sources:
        typer.echo(
            f"{source.file}: {', '.join(source.levels)}, imported {source.imported_at:%Y-%m-%d}, "
            f"origin: {source.origin or 'not said'}, licence: {source.licence or 'not said'}"
        )
    if _tell(areas, work.city):
        raise typer.Exit(1)


@app.command(context_settings={"ignore_unknown_options": True})
def where(
    ctx: typer.Context,
    lat: Annotated[float, typer.Argument(help="Latitude, in degrees.")],
    lon: Annotated[float, typer.Argument(help="Longitude, in degrees.")],
    radius: Annotated[float, typer.Option(help="How far off it may be, in metres, at 95 %.")] = 0.0,
) -> None:
    """Say in which areas a place lies, with what probability."""
    work: Workplace = ctx.obj
    found = Atlas(storing.load(work.state.areas)).locate(Spot(lat, lon, radius))
    if not found.is_known:
        typer.echo("unknown: no boundaries are imported; see `suar areas import`")
        return
    for title, shares in (
        ("kelurahan", found.kelurahan),
        ("kecamatan", found.kecamatan),
        ("city", found.jurisdiction),
        ("fire", found.fire),
        ("neighbour", found.neighbour),
    ):
        for share in shares[:5]:
            typer.echo(f"{title:<10} {share.probability:>6.1%}  {_named(share, work.city)}")
    typer.echo(f"{'outside':<10} {found.outside:>6.1%}")


def _named(share: Share, city: City) -> str:
    neighbour = city.neighbour(share.code)
    hand_over = f", hand over to {neighbour.hand_over_to}" if neighbour and neighbour.hand_over_to else ""
    return f"{share.name} ({share.code}){hand_over}"


def _tell(areas: Areas, city: City) -> bool:
    """Print what there is and what is odd about it; return whether anything is."""
    for level in Level:
        found = areas.of(level)
        if found:
            joined = ", joined from smaller ones" if found[0].is_derived else ""
            km2 = sum(area_km2(area.shape) for area in found)
            typer.echo(f"{level:<12} {len(found):>4}   {km2:>8.1f} km2{joined}")
    odd = list(complaints(areas, city))
    for complaint in odd:
        typer.echo(complaint, err=True)
    return bool(odd)
