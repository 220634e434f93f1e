"""What goes into a gateway's templates is spelt as it has to be where it stands."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from suar.sms import fill, in_address, in_header, in_json

VALUES = {"number": "+628121234567", "digits": "628121234567", "text": 'a "b" & {key}', "key": "k"}


def test_each_place_has_its_spelling() -> None:
    """An address, JSON and a header; other braces stay, and a value's own are not filled again."""
    assert fill("http://x/?to={number}&t={text}", VALUES, in_address) == (
        "http://x/?to=%2B628121234567&t=a%20%22b%22%20%26%20%7Bkey%7D"
    )
    body = fill('{"to": "{digits}", "text": "{text}", "more": {"x": 1}}', VALUES, in_json)
    assert json.loads(body) == {"to": "628121234567", "text": VALUES["text"], "more": {"x": 1}}
    assert fill("Bearer {key}", {**VALUES, "key": "a\r\nX: y"}, in_header) == "Bearer a  X: y"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_through(text: str) -> None:
    """Whatever is in it."""
    values = {**VALUES, "text": text}
    assert json.loads(fill('{"text": "{text}"}', values, in_json)) == {"text": text}
    assert URL(fill("http://x/?t={text}", values, in_address), encoded=True).query["t"] == text
