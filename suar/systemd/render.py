"""A node's units, made from its city file. Rendering is pure; `write` puts them on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from suar.city import City
from suar.systemd.check import complaints
from suar.systemd.errors import UnitsImpossible, UnitsUnwritable
from suar.systemd.place import Place

_TEMPLATES = Path(__file__).with_name("units")
_SUFFIX = ".j2"


def render(city: City, place: Place) -> dict[str, str]:
    """Return every unit by its name below systemd's folder. No I/O but reading the templates.

    Raises :class:`~suar.systemd.errors.UnitsImpossible` with all that would not work.
    """
    found = list(complaints(city, place))
    if found:
        raise UnitsImpossible("\n  ".join(["no units for this city:", *found]))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - these are no web pages; `check` lets nothing in that has to be escaped
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {"city": city, "place": place}
    # What starts with an underscore is a piece of others.
    names = [name for name in environment.list_templates() if not Path(name).name.startswith("_")]
    return {name.removesuffix(_SUFFIX): environment.get_template(name).render(values) for name in names}


def write(units: Mapping[str, str], folder: Path) -> None:
    """Put the units into ``folder``, each replaced as a whole; what else is there is left alone.

    Raises :class:`~suar.systemd.errors.UnitsUnwritable`.
    """
    for name, text in units.items():
        path = folder / name
        fresh = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text)
            fresh.chmod(0o644)
            fresh.replace(path)
        except OSError as error:
            raise UnitsUnwritable(
                f"{path}: {error.strerror}; give a folder that you may write to with --into"
            ) from error
