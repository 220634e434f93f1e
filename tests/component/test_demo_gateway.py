"""The demonstration's SMS gateway takes what the shipped city file sends, and shows it."""

from __future__ import annotations

from aiohttp import ClientSession

from suar.city import load
from suar.demo.gateway import local_gateway
from suar.sms import Gateway
from tests.component.conftest import CITY, free_bind


async def test_an_sms_is_shown_with_its_link() -> None:
    """By the shipped file's own templates, with whatever is in the text."""
    city, told = load(CITY), list[str]()
    assert city.sms is not None
    url = f"http://{free_bind()}/send"
    sms = city.sms.model_copy(update={"url": url})
    city = city.model_copy(update={"sms": sms})
    async with local_gateway(city, told.append) as gateway, ClientSession() as browser:
        assert gateway is not None
        sender = Gateway(url, "key", method=sms.method, headers=sms.headers, body=sms.body)
        await sender.send("+628121234567", 'buka "http://127.0.0.1:8113/l/abc" <b>')
        page = await (await browser.get(url.removesuffix("send"))).text()
        assert (await browser.post(url, data=b"[]")).status == 400
    assert '<a href="http://127.0.0.1:8113/l/abc' in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert [line.startswith("SMS to +628121234567: buka") for line in told] == [False, True]


async def test_a_gateway_elsewhere_is_not_played() -> None:
    """Nor is one that the city does not have."""
    city = load(CITY)
    assert city.sms is not None
    away = city.sms.model_copy(update={"url": "https://sms.example.org/send"})
    for other in (away, None):
        async with local_gateway(city.model_copy(update={"sms": other}), print) as gateway:
            assert gateway is None
