"""Why there is no backup, or why it was not put back."""

from __future__ import annotations

from suar.errors import Blame, SuarError


class FolderUnusable(SuarError):
    """The folder cannot take a backup."""

    blame = Blame.INPUT


class BackupFailed(SuarError):
    """The backup could not be made; nothing is left of it."""

    blame = Blame.HOST


class BackupInvalid(SuarError):
    """This is no backup, or it is not whole any more."""

    blame = Blame.INPUT


class BackupTooNew(SuarError):
    """The backup's database was written by a newer version of Suar."""

    blame = Blame.INPUT


class RestoreRefused(SuarError):
    """The backup cannot be put back here."""

    blame = Blame.INPUT


class RestoreFailed(SuarError):
    """The backup could not be put back."""

    blame = Blame.HOST
