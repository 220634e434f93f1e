"""What the web backend answers when it cannot do what was asked; each has a status and a stable code.

::

    SuarError
     └─ WebError
         ├─ NotSignedIn        401
         ├─ Forbidden          403
         ├─ NotFound           404
         ├─ Conflict           409   (IllegalStep, EventsMissing, Taken)
         ├─ BodyInvalid        422   names the field
         ├─ QueryInvalid       422   names the parameter
         ├─ TooManyAttempts    429
         ├─ SmsGatewayDown     502   retryable
         ├─ ControllerDown     503   retryable
         └─ DatabaseUnavailable 503  retryable (DatabaseReadOnly)
"""

from __future__ import annotations

from typing import Any, ClassVar

from suar.errors import Blame, SuarError


class WebError(SuarError):
    """The request cannot be done."""

    blame = Blame.INPUT
    status: ClassVar[int] = 400
    code: ClassVar[str] = "request_invalid"

    def __init__(self, message: str | None = None, field: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.field = field
        self.details = details

    def as_json(self) -> dict[str, Any]:
        """Return the one shape of every error."""
        error: dict[str, Any] = {"code": self.code, "message": str(self), **self.details}
        if self.field:
            error["field"] = self.field
        return {"error": error}


class NotSignedIn(WebError):
    """Sign in first."""

    status, code = 401, "not_signed_in"


class Forbidden(WebError):
    """Your role does not allow this."""

    status, code = 403, "forbidden"


class NotFound(WebError):
    """There is no such thing."""

    status, code = 404, "not_found"


class Conflict(WebError):
    """This cannot be done now."""

    status, code = 409, "conflict"


class Taken(Conflict):
    """Another operator has this caller already."""

    code = "taken"


class IllegalStep(Conflict):
    """The incident is not where this step could follow."""

    code = "illegal_step"


class EventsMissing(Conflict):
    """Events of this call are missing: send from the expected one on."""

    code = "events_missing"


class BodyInvalid(WebError):
    """The body of the request is not what is needed."""

    status, code = 422, "body_invalid"


class QueryInvalid(WebError):
    """A parameter of the request is not what is needed."""

    status, code = 422, "query_invalid"


class TooManyAttempts(WebError):
    """Too many attempts; wait a minute and try again."""

    status, code = 429, "too_many_attempts"


class SmsGatewayDown(WebError):
    """The SMS gateway did not take the message; try again, or ask the caller."""

    blame = Blame.PEER
    retryable = True
    status, code = 502, "sms_gateway_down"


class ControllerDown(WebError):
    """The call controller does not answer: phones go on ringing, but this cannot be changed now."""

    blame = Blame.PEER
    retryable = True
    status, code = 503, "controller_down"


class DatabaseUnavailable(WebError):
    """The database cannot do this now. Calls go on, and their events are kept until it can; try again."""

    blame = Blame.HOST
    retryable = True
    status, code = 503, "database_unavailable"


class DatabaseReadOnly(DatabaseUnavailable):
    """The database can be read and not written to. Calls go on, their events are kept; try again later."""

    code = "database_read_only"
