"""A real browser, and the pages that it opens from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from evidence.page import render
from tests.page import documents
from tests.page.chromium import FLAGS, find

Open = Callable[..., Page]
"""Opens a document's page: `open_page("red", "#fragment", width=360, color_scheme="dark", ...)`."""

_DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "green": documents.green,
    "red": documents.red,
    "waived": documents.waived,
    "scanned": documents.scanned,
    "proved": documents.proved,
    "states": documents.each_state,
    "alone": documents.alone,
    "crowded": documents.crowded,
    "big": documents.big,
    "hostile": documents.hostile,
    "production": documents.production,
    "everywhere": documents.everywhere,
    "two": documents.two_findings,
    "spaced": documents.spaced,
    "named": documents.named,
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a browser with a profile of its own, new and empty."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Return what gives the address of a document's page, which is written to disk once."""
    folder = tmp_path_factory.mktemp("pages")

    def address(name: str) -> str:
        file: Path = folder / f"{name}.html"
        if not file.exists():
            file.write_text(render(_DOCUMENTS[name]()), encoding="utf-8")
        return file.as_uri()

    return address


@pytest.fixture
def open_page(browser: Browser, address: Callable[[str], str]) -> Iterator[Open]:
    """Return what opens a page; at the end, no page may have said anything on its console or asked for anything."""
    said: list[str] = []
    contexts = []

    def open_page(name: str, fragment: str = "", *, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        own = address(name)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url.partition("#")[0] != own else None)
        page.goto(f"{own}{fragment}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
