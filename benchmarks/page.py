"""How long the trace's page takes to load and to answer, over every combination of settings.

Run at the root of a checkout, in the tox environment `page`: `python -m benchmarks.page`. Times say little by
themselves on a busy machine: each round loads a trivial page too, and the ratio to that is what compares.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from evidence.page import render
from tests.page import documents
from tests.page.chromium import FLAGS, find

ROUNDS = 9
TRIVIAL = "<!DOCTYPE html><title>nothing</title><p>Nothing."

# Until the frame after next: what was asked for is then on the screen.
_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_ACTIONS = {
    "filter by a word": "const q = document.querySelector('[name=q]'); q.value = 'table'; "
    "q.dispatchEvent(new Event('input', { bubbles: true }))",
    "group by other axes": "const s = document.querySelector('[data-part=second]'); "
    "s.selectedIndex = (s.selectedIndex + 1) % s.options.length; s.dispatchEvent(new Event('change'))",
    "open a cell": "document.querySelector('.cell button').click()",
    "draw the strip": "document.querySelector('.strip').scrollIntoView()",
}


def _load(page: Page, file: Path) -> float:
    """Return the milliseconds from the navigation to the first frame after the load."""
    page.goto(file.as_uri())
    return float(page.evaluate(f"{_FRAMES}.then(() => performance.now())"))


def _act(page: Page, action: str) -> float:
    """Return the milliseconds from an action to the frame that shows what came of it."""
    timed = f"const t = performance.now(); {action}; await {_FRAMES}; return performance.now() - t"
    return float(page.evaluate(f"(async () => {{ {timed} }})()"))


def main() -> int:
    """Print medians, and their ratios to the trivial page of the same rounds."""
    document = documents.big()
    sys.stdout.write(f"{len(document['contexts'])} contexts, {len(document['scenarios'])} scenarios\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        big, trivial = Path(folder) / "big.html", Path(folder) / "trivial.html"
        big.write_text(render(document), encoding="utf-8")
        trivial.write_text(TRIVIAL, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        measures: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
            "load": (lambda: _load(page, trivial), lambda: _load(page, big)),
        }
        for name, action in _ACTIONS.items():

            def acted(action: str = action) -> float:
                _load(page, big)
                return _act(page, action)

            def idle() -> float:
                _load(page, trivial)
                return _act(page, "0")

            measures[name] = (idle, acted)
        for name, (least, ours) in measures.items():
            rounds = [(least(), ours()) for _ in range(ROUNDS)]
            base, taken = (statistics.median(column) for column in zip(*rounds, strict=True))
            sys.stdout.write(f"{name:<20} {taken:6.0f} ms, trivial {base:4.0f} ms, {taken / base:5.1f} times\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
