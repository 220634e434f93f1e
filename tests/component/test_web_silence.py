"""A silent caller on the desk: shown, asked, and her answer."""

from __future__ import annotations

from typing import Any

from dashboards.conversations import QUESTIONS
from dashboards.pages.texts import catalogue, languages
from tests.component.conftest import CONNECTED, OFFERED, Site, site
from tests.component.test_web_supervision import CALL, PICTURE, Controller, controller

__all__ = ["controller", "site"]
SCRIPT = {"X-Requested-With": "suar"}


def silent(**more: Any) -> dict[str, Any]:
    call = PICTURE["calls"][0] | {"hearing": "silent", "question": None, "reply": None} | more
    return PICTURE | {"calls": [call]}


async def test_the_desk_says_that_nobody_was_heard_and_offers_questions(
    site: Site, controller: Controller
) -> None:
    """Every question in words, and the answer when it comes."""
    await site.put_call(CALL, OFFERED, CONNECTED)
    siti = await site.client("siti")
    site.show(silent())
    page = await (await siti.get("/desk")).text()
    assert "diam: belum terdengar suara" in page
    for question in QUESTIONS:
        assert f'action="/desk/question/{question}"' in page
    link = 'action="/incidents/sby1-20261124-0001/location-link"><input type="hidden" name="number"'
    assert link in page
    site.show(silent(hearing="heard"))
    assert link not in await (await siti.get("/desk")).text()
    site.show(silent(hearing="key", question="yesno-attacker", reply="yes"))
    page = await (await siti.get("/desk")).text()
    assert "<b>YA</b>" in page


async def test_a_question_goes_to_the_operators_own_call(site: Site, controller: Controller) -> None:
    """Only to hers; one that there is not, and one of somebody in no call, are refused."""
    siti = await site.client("siti")
    assert (await siti.post("/desk/question/yesno-home", headers=SCRIPT)).status == 204
    assert controller.asked == [(f"/v1/calls/{CALL}/questions/yesno-home", {"by": "siti"})]
    assert (await siti.post("/desk/question/prank", headers=SCRIPT)).status == 404
    assert (await (await site.client("sari")).post("/desk/question/yesno-home", headers=SCRIPT)).status == 403
    site.services.controller.picture = PICTURE | {"operators": []}
    assert (await siti.post("/desk/question/yesno-home", headers=SCRIPT)).status == 409


def test_every_question_has_its_words_and_its_prompt() -> None:
    """In every language of the pages; the controller knows the same ones."""
    from ari_app.hearing import questions

    assert questions.QUESTIONS == QUESTIONS
    for language in languages():
        words = catalogue(language)
        assert all(words.get(f"question.{one}") for one in QUESTIONS)
