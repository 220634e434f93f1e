"""Advanced Mobile Location: what a phone sends beside an emergency call (ETSI TS 103 625)."""

from suar.location.aml.form import is_authentic, read_form
from suar.location.aml.form import looks_like as is_form
from suar.location.aml.septets import find_packed
from suar.location.aml.sms import looks_like as is_sms
from suar.location.aml.sms import read_sms

__all__ = ["find_packed", "is_authentic", "is_form", "is_sms", "read_form", "read_sms"]
