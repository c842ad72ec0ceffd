"""GraphiQL: off unless asked for, and without any address but ours."""

import re
from pathlib import Path
from typing import Any

import pytest

import gateway.graphiql as page

FOLDER = Path(page.__file__).parent
SPOKEN_OF = {
    "http://www.w3.org/",  # names of XML, nothing is loaded
    "https://reactjs.org/docs/error-decoder.html",  # in the text of an error
    "https://yarnpkg.com/en/docs/selective-version-resolutions",  # in another
    "https://codemirror.net/5/doc/manual.html",  # a link of the settings
    "https://commonmark.org/",  # in a description of a type
    "https://en.wikipedia.org/wiki/IEEE_floating_point",  # in another
    "https://github.com/graphql/graphiql",  # the link at the logo
}
"""Addresses that the script has in texts and links; it loads none of them."""


async def test_it_is_off_unless_asked_for(gateway_with: Any) -> None:
    gateway = await gateway_with()

    for path in ("/graphiql", "/graphiql/graphiql.js"):
        assert (await gateway.client.get(path)).status_code == 404


async def test_all_that_the_page_loads_is_ours(gateway_with: Any) -> None:
    gateway = await gateway_with(graphiql=1)

    html = await gateway.client.get("/graphiql")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', html.text)

    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert loaded == [
        "/graphiql/favicon.svg",
        "/graphiql/graphiql.css",
        "/graphiql/graphiql.js",
    ]
    for path in loaded:
        answer = await gateway.client.get(path)
        assert answer.status_code == 200
        kind = page.ASSETS[path.rpartition("/")[2]]
        assert answer.headers["content-type"].partition(";")[0] == kind
    assert (await gateway.client.get("/graphiql/LICENSES.txt")).status_code == 200
    for path in (
        "/graphiql/ORIGIN.md",
        "/graphiql/__init__.py",
        "/graphiql/..%2fapp.py",
    ):
        assert (await gateway.client.get(path)).status_code == 404


async def test_the_page_may_do_nothing_else(gateway_with: Any) -> None:
    gateway = await gateway_with(graphiql=1)

    html = await gateway.client.get("/graphiql")
    policy = dict(
        one.split(" ", 1) for one in html.headers["content-security-policy"].split("; ")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|style=", html.text)


@pytest.mark.parametrize("name", ["index.html", "graphiql.js", "graphiql.css"])
def test_no_other_host_is_named_but_in_texts(name: str) -> None:
    text = (FOLDER / name).read_text()

    named = re.findall(r"(?:https?:)?//[a-z][\w.-]*\.[a-z]{2,}[^\s\"'`)\\]*", text)
    strange = {
        one for one in named if not any(one.startswith(known) for known in SPOKEN_OF)
    }

    assert not strange
    if name.endswith(".css"):
        assert "@import" not in text
        assert "@font-face" not in text
        assert not re.search(r"url\((?![\"']?data:)", text)


def test_the_licenses_of_what_is_in_it_are_there() -> None:
    text = (FOLDER / "LICENSES.txt").read_text()

    for name in (
        "graphiql 4",
        "react 18",
        "graphql 16",
        "codemirror 5",
        "graphql-ws 6",
    ):
        assert f"\n{name}" in f"\n{text}"
