import re
from html.parser import HTMLParser

import httpx2 as httpx

from gateway.web.problems import Kind


class Page(HTMLParser):
    """Collects what the page loads, and whatever it holds inline."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [value for name in ("src", "href") if (value := given.get(name))]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)


async def test_the_documentation_needs_nothing_from_elsewhere(client: httpx.AsyncClient):
    answer = await client.get("/docs")
    page = Page()
    page.feed(answer.text)
    assert page.loads
    assert page.inline == []
    for address in page.loads:
        assert address.startswith("/docs/")
        loaded = await client.get(address)
        assert loaded.status_code == 200, address
        assert loaded.content
    start = (await client.get("/docs/start.js")).text
    assert re.search(r'url: "(/openapi\.json)"', start)
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")


async def test_the_page_may_run_our_own_scripts_only(client: httpx.AsyncClient):
    policy = (await client.get("/docs")).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    everywhere = (await client.get("/livez")).headers["Content-Security-Policy"]
    assert everywhere.startswith("default-src 'none'")


async def test_the_type_of_every_problem_leads_to_its_explanation(client: httpx.AsyncClient):
    listed = (await client.get("/problems")).json()
    assert {row["kind"] for row in listed} == set(Kind)
    for row in listed:
        assert (await client.get(f"/problems/{row['kind']}")).json() == row
