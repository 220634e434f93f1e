"""Where things are kept: one state directory per city, and the files that the program ships with."""

from __future__ import annotations

from pathlib import Path

from suar.errors import StateDirUnusable

_PACKAGE = Path(__file__).resolve().parent


class StateDir:
    """One city's state: everything that Suar writes is below this directory."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def secrets_file(self) -> Path:
        return self.root / "secrets.toml"

    @property
    def asterisk(self) -> Path:
        """Asterisk's own: ``etc log run data spool db``."""
        return self.root / "asterisk"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def journal(self) -> Path:
        """The call controller's journal and outbox."""
        return self.root / "journal"

    @property
    def degraded(self) -> Path:
        """What the degraded path wrote down: a file for each call, until the controller has imported it."""
        return self.journal / "degraded"

    @property
    def imported_file(self) -> Path:
        """The calls of the degraded path that the controller has imported."""
        return self.degraded / "imported"

    @property
    def queue_log(self) -> Path:
        """What Asterisk itself wrote down of the degraded path."""
        return self.asterisk / "log" / "degraded.log"

    @property
    def operators_file(self) -> Path:
        """Who was at work, and ready or not, when it last changed."""
        return self.journal / "operators.json"

    @property
    def areas(self) -> Path:
        """The city's boundaries and places, as imported."""
        return self.root / "areas"

    @property
    def lookups(self) -> Path:
        """Fixed lines' addresses and cells' places, as imported."""
        return self.root / "lookups"

    @property
    def messages(self) -> Path:
        """Phones' messages whose call is not known yet: a file each, removed when it is."""
        return self.root / "messages"

    @property
    def alarms(self) -> Path:
        """Alarms as events: a file for each process that raises some."""
        return self.root / "alarms"

    @property
    def database_url(self) -> str:
        """SQLite, unless the administrator says otherwise."""
        return f"sqlite:///{self.root / 'suar.db'}"

    def create(self) -> None:
        """Make the directories, for their owner only.

        Raises :class:`~suar.errors.StateDirUnusable`.
        """
        try:
            own = (self.root, self.asterisk, self.recordings, self.journal, self.degraded, self.alarms)
            for directory in own:
                directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StateDirUnusable(
                f"{self.root}: {error.strerror}; give a directory that you may write to with --state"
            ) from error


def shipped(name: str) -> Path:
    """Return a directory that ships with Suar: ``asterisk-config`` or ``cities``.

    In a checkout it stands beside this package; an installed wheel carries it inside.
    """
    installed = {"asterisk-config": _PACKAGE / "asterisk" / "config", "cities": _PACKAGE / "cities"}[name]
    return installed if installed.is_dir() else _PACKAGE.parent / name
