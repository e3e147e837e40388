"""The page in a real browser: what its reader sees, does and prints."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.page import documents
from tests.page.conftest import Open

A4 = (595, 842)  # points
Scheme = Literal["light", "dark"]
RED = documents.red()
FAILING = next(one for one in RED["scenarios"] if one["id"] == documents.DATA_PLANE)
FINDING = next(one for one in RED["findings"] if one["scenario"] == documents.DATA_PLANE)
CONTEXTS = {one["name"]: one["values"] for one in RED["contexts"] if not one["refused"]}
SCANNED = documents.scanned()
PROD_WITH_VPC = [name for name, values in CONTEXTS.items() if documents.prod_with_vpc(values)]


def _fragment(scenario: str) -> str:
    return f"#{quote(scenario, safe='')}"


def _scenarios(page: Page) -> list[str]:
    return [name or "" for name in page.locator("article.scenario:visible").evaluate_all("all => all.map(a => a.id)")]


def _row(page: Page, scenario: dict[str, Any]) -> Any:
    return page.get_by_role("region", name="Heat map").get_by_role("row", name=scenario["name"])


class TestReading:
    """The document itself."""

    @pytest.mark.parametrize("name", ["green", "red", "proved", "big", "hostile"])
    def test_it_loads_quietly_and_whole(self, open_page: Open, name: str) -> None:
        """Every scenario is shown; the console stays empty and nothing is fetched, as the fixture holds it to."""
        page = open_page(name)
        assert len(_scenarios(page)) == len(RED["scenarios"])
        expect(page.get_by_role("region", name="Heat map").get_by_role("table")).to_be_visible()

    def test_a_state_stands_beside_its_sentence_in_words(self, open_page: Open) -> None:
        """Colour is never alone: each scenario's state is read out."""
        page = open_page("red")
        states = page.locator("article.scenario .state").all_inner_texts()
        assert [state.split()[-1] for state in states] == [scenario["state"] for scenario in RED["scenarios"]]

    def test_without_javascript_the_document_is_there(self, open_page: Open) -> None:
        """The spec, states, rules and findings need no script, and what does need it does not stand about dead."""
        page = open_page("red", _fragment(documents.DATA_PLANE), java_script_enabled=False)
        assert page.locator("article.scenario").count() == len(RED["scenarios"])
        article = page.locator(f'[id="{documents.DATA_PLANE}"]')
        expect(article).to_be_in_viewport()
        article.locator("summary").click()
        expect(article.locator("mark").first).to_be_visible()
        expect(page.get_by_text("need JavaScript")).to_be_visible()
        assert page.get_by_role("button").count() == 0
        assert page.locator('a[href*="?"]').count() == 0

    def test_from_a_scenario_to_its_rule_tests_and_finding(self, open_page: Open) -> None:
        """A scenario opens to all that hangs on it."""
        page = open_page("red")
        article = page.locator(f'[id="{documents.DATA_PLANE}"]')
        article.locator("summary").click()
        expect(article.locator(".source")).to_contain_text("def data_plane_only")
        expect(article.locator(".tests")).to_contain_text(FAILING["tests"][0]["id"])
        expect(article.locator(".finding .command")).to_have_text(FINDING["command"])
        expect(article.locator(".finding .settings")).to_contain_text('worthwatch:stage = "prod"')
        marked = "".join(article.locator("mark").all_inner_texts())
        assert re.sub(r"\s", "", marked) == '"Action":["dynamodb:GetItem","dynamodb:DeleteTable"],'

    def test_a_proof_stands_with_its_scenario(self, open_page: Open) -> None:
        """The head sums it up; what it found wanting is reached from the top, opened, in numbers."""
        page = open_page("proved")
        expect(page.locator(".judged")).to_contain_text("Proof that each can fail: not-proved, by 6,441 mutants.")
        encryption = next(one for one in documents.green("smoke")["scenarios"] if one["id"] == documents.ENCRYPTION)
        page.locator(".attention").get_by_role("link", name=encryption["name"]).click()
        article = page.locator(f'[id="{documents.ENCRYPTION}"]')
        expect(article.locator("summary").first).to_contain_text("38 of 41 mutants")
        facts = article.locator("section", has=page.get_by_role("heading", name="Proof", exact=True)).locator("dd")
        expect(facts).to_have_text(["38 of 41 mutants", "2", "1"])

    def test_a_command_is_copied(self, open_page: Open) -> None:
        """The button beside a command copies it whole."""
        page = open_page("red", _fragment(documents.DATA_PLANE), permissions=["clipboard-read", "clipboard-write"])
        page.locator(f'[id="{documents.DATA_PLANE}"]').get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == FINDING["command"]

    def test_a_command_is_selected_where_the_clipboard_is_closed(self, open_page: Open) -> None:
        """Without a clipboard the command is left selected, to be copied by hand."""
        page = open_page("red", _fragment(documents.DATA_PLANE))
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('closed')) }")
        page.locator(f'[id="{documents.DATA_PLANE}"]').get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Selected")).to_be_visible()
        assert page.evaluate("String(getSelection())").strip() == FINDING["command"]

    def test_nothing_hostile_runs_or_hides(self, open_page: Open) -> None:
        """Markup in a document's texts is shown as what it is, in the document, the map and the panel."""
        page = open_page("hostile")
        page.locator("td.is-non-compliant button").first.click()
        expect(page.get_by_role("dialog")).to_contain_text(documents.HOSTILE)
        page.get_by_role("dialog").locator(".context-list button").first.click()
        expect(page.get_by_role("dialog")).to_contain_text(documents.HOSTILE)
        page.keyboard.press("Escape")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("globalThis.hacked") is None
        assert page.locator("img, [onerror], [onclick], [style]:not(html, canvas, .strip-cursor)").count() == 0
        assert page.locator("script").count() == 2
        expect(page.locator("article.scenario").first).to_contain_text("\\u202egnp.exe")
        assert page.evaluate("document.documentElement.scrollWidth") == 1280


class TestFinding:
    """The filter, links, and what keeps them."""

    def test_the_filter_narrows_document_contents_and_map(self, open_page: Open) -> None:
        """A word leaves the scenarios that have it, wherever they are listed, and the address keeps it."""
        page = open_page("red")
        page.get_by_label("Text", exact=True).fill("sort key")
        assert _scenarios(page) == [documents.NO_SORT_KEY]
        assert page.locator("nav li:visible").all_inner_texts() == ["○\nNo sort key required"]
        assert page.locator('[data-part="map"] tbody tr').count() == 1
        expect(page.locator('[data-part="shown"]')).to_have_text(f"1 of {len(RED['scenarios'])}")
        assert page.evaluate("location.hash") == "#?q=sort+key"

    def test_states_and_outcomes_filter(self, open_page: Open) -> None:
        """The scenarios of one state, and those that came to an outcome."""
        page = open_page("red")
        page.get_by_label("State").select_option("outdated")
        assert _scenarios(page) == [documents.ENCRYPTION]
        page.get_by_label("State").select_option("")
        page.get_by_label("Outcome").select_option("non-compliant")
        assert _scenarios(page) == [documents.READ, documents.DATA_PLANE]
        # By its key: on a busy machine the page may still move beneath a mouse.
        page.get_by_role("button", name="Clear").press("Enter")
        assert len(_scenarios(page)) == len(RED["scenarios"])

    def test_a_total_leads_to_its_scenarios(self, open_page: Open) -> None:
        """The numbers of the head are links to what they count."""
        page = open_page("red")
        page.locator("header").get_by_role("link", name="2 failing").click()
        expect(page.get_by_label("State")).to_have_value("failing")
        assert _scenarios(page) == [documents.READ, documents.DATA_PLANE]

    def test_nothing_found_is_said(self, open_page: Open) -> None:
        """An empty result is not an empty page."""
        page = open_page("red", "#?q=nothing-has-this")
        expect(page.get_by_text("No scenario is like that.")).to_be_visible()

    def test_a_deep_link_opens_its_scenario(self, open_page: Open) -> None:
        """A scenario's id in the address opens it, in view and focused, as does a link followed within the page."""
        page = open_page("red", f"#{documents.DATA_PLANE}")
        article = page.locator(f'[id="{documents.DATA_PLANE}"]')
        expect(article.locator("summary")).to_be_focused()
        expect(article.locator("summary")).to_be_in_viewport()
        expect(article.locator(".source")).to_be_visible()
        page.get_by_role("navigation").get_by_role("link", name="Encryption enabled").click()
        expect(page.locator(f'[id="{documents.ENCRYPTION}"] summary')).to_be_focused()

    def test_a_link_keeps_filter_and_grouping(self, open_page: Open) -> None:
        """Who is sent the address sees what the sender saw."""
        page = open_page("red")
        page.get_by_label("Outcome").select_option("non-compliant")
        page.get_by_label("Group by").select_option(label="billingMode")
        again = open_page("red", page.evaluate("location.hash"))
        assert _scenarios(again) == [documents.READ, documents.DATA_PLANE]
        expect(again.locator('[data-part="grouped"]')).to_contain_text("by billingMode and deployVpc.")

    def test_a_link_to_what_the_filter_hides_shows_it(self, open_page: Open) -> None:
        """A link is stronger than the filter."""
        page = open_page("red", "#?q=sort+key")
        page.locator(".attention").get_by_role("link", name="Data plane only").click()
        expect(page.locator(f'[id="{documents.DATA_PLANE}"] summary')).to_be_focused()
        expect(page.get_by_label("Text", exact=True)).to_have_value("")

    def test_a_link_within_the_page_leaves_filter_and_grouping(self, open_page: Open) -> None:
        """Only the place changes; Back returns to the one before; a total changes the filter alone."""
        page = open_page("red", "#?outcome=non-compliant&by=worthwatch%3AbillingMode")
        page.get_by_role("navigation").get_by_role("link", name="Data plane only").click()
        kept = "?outcome=non-compliant&by=worthwatch%3AbillingMode"
        assert page.evaluate("location.hash") == f"{_fragment(documents.DATA_PLANE)}{kept}"
        assert _scenarios(page) == [documents.READ, documents.DATA_PLANE]
        page.go_back()
        assert page.evaluate("location.hash") == f"#{kept}"
        page.locator("header").get_by_role("link", name="outdated").click()
        assert _scenarios(page) == [documents.ENCRYPTION]
        expect(page.locator('[data-part="grouped"]')).to_contain_text("by billingMode.")

    def test_a_key_with_a_space_is_kept(self, open_page: Open) -> None:
        """A context key is any text."""
        page = open_page("spaced")
        page.get_by_label("Group by").select_option(label="a key & more")
        again = open_page("spaced", page.evaluate("location.hash"))
        expect(again.locator('[data-part="grouped"]')).to_contain_text("by a key & more and deployVpc.")

    def test_the_filter_looks_into_findings(self, open_page: Open) -> None:
        """Their messages, places and commands."""
        page = open_page("red")
        for text in ("dynamodb:DeleteTable", "statement[1].action", "deployvpc=true"):
            page.get_by_label("Text", exact=True).fill(text)
            assert documents.DATA_PLANE in _scenarios(page)

    def test_ids_of_the_document_are_not_the_page_s(self, open_page: Open) -> None:
        """A capability may be called what it likes."""
        page = open_page("named")
        expect(page.get_by_role("region", name="Heat map").get_by_role("table")).to_be_visible()
        page.get_by_role("navigation").get_by_role("link", name="Data plane only").click()
        expect(page.locator(f'[id="{documents.DATA_PLANE}"] summary')).to_be_focused()


class TestKeyboard:
    """Everything without a mouse."""

    def test_letters(self, open_page: Open) -> None:
        """The slash filters, j and k go from scenario to scenario, Enter opens, Escape clears."""
        page = open_page("red")
        summaries = page.locator("article.scenario summary")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(summaries.nth(1)).to_be_focused()
        page.keyboard.press("k")
        expect(summaries.nth(0)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("article.scenario .source").first).to_be_visible()
        page.keyboard.press("/")
        page.keyboard.type("jk/?")
        expect(page.get_by_label("Text", exact=True)).to_have_value("jk/?")
        page.keyboard.press("Escape")
        expect(page.get_by_label("Text", exact=True)).to_have_value("")
        assert len(_scenarios(page)) == len(RED["scenarios"])

    def test_who_reads_before_the_first_frame_is_not_called_back(self, open_page: Open) -> None:
        """Where the browser draws late, a scenario that was gone to by then is not opened by itself."""
        page = open_page("red")
        page.add_init_script("window.late = []; window.requestAnimationFrame = (call) => window.late.push(call)")
        page.reload()
        page.keyboard.press("j")
        first = page.locator("article.scenario summary").first
        expect(first).to_be_focused()
        assert page.evaluate("late.length") > 0
        page.evaluate("late.forEach((call) => call())")
        expect(page.locator("article.scenario details").first).not_to_have_attribute("open", "")
        page.keyboard.press("Enter")
        expect(page.locator("article.scenario .source").first).to_be_visible()

    def test_help_tells_the_keys_and_turns_them_off(self, open_page: Open) -> None:
        """A question mark shows the keys; single letters can be switched off."""
        page = open_page("red")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.get_by_label("single letters are keys").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(page.locator("article.scenario summary").first).not_to_be_focused()

    def test_the_map_is_walked_with_arrows(self, open_page: Open) -> None:
        """The map is one stop; arrows go from cell to cell, past those that hold nothing; Enter opens."""
        page = open_page("red")
        page.keyboard.press("m")
        rows = page.locator('[data-part="map"] tbody tr')
        for _ in range(3):
            page.keyboard.press("ArrowDown")
        expect(rows.nth(4).locator("button").first).to_be_focused()  # past the row of the scenario without a rule
        page.keyboard.press("ArrowRight")
        expect(rows.nth(4).locator("button").nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Read permissions granted")).to_be_visible()
        page.keyboard.press("Escape")
        expect(rows.nth(4).locator("button").nth(1)).to_be_focused()

    def test_the_strip_is_read_with_a_slider(self, open_page: Open) -> None:
        """The slider starts at a worst context, reads each out, and its button opens it."""
        page = open_page("red")
        slider = page.get_by_label("Context", exact=True)
        expect(slider).to_have_attribute("aria-valuetext", re.compile("✗ 2 non-compliant"))
        slider.press("Home")
        expect(slider).to_have_attribute("aria-valuetext", re.compile("nothing speaks against it"))
        slider.press("ArrowRight")
        name = page.locator(".strip-reading output").inner_text().partition(":")[0]
        page.get_by_role("button", name="Show this context").click()
        expect(page.get_by_role("dialog", name=name)).to_be_visible()


class TestContexts:
    """The heat map, and what is behind its cells."""

    def test_what_fails_is_seen_at_once(self, open_page: Open) -> None:
        """Of all pairs of axes the map starts with the one that explains: here, production with a VPC."""
        page = open_page("red")
        said = f"{len(RED['contexts'])} contexts by stage and deployVpc: what best separates what fails from what holds"
        expect(page.locator('[data-part="grouped"]')).to_contain_text(said)
        told = _row(page, FAILING).get_by_role("button").evaluate_all("all => all.map(b => b.ariaLabel)")
        wrong = [one for one in told if "non-compliant" in one]
        assert [one.partition(", ")[2] for one in wrong] == [
            f"stage prod, deployVpc {json.dumps(value)}: non-compliant in all {_with_vpc(value)} contexts"
            for value in (True, "true")
        ]

    def test_a_scenario_of_production_alone_is_explained_too(self, open_page: Open) -> None:
        """Where it does not apply it does not fail: that tells as much as where it holds."""
        page = open_page("production")
        expect(page.locator('[data-part="grouped"]')).to_contain_text("contexts by stage and deployVpc: what best")

    def test_what_separates_nothing_is_not_said_to(self, open_page: Open) -> None:
        """A scenario that fails everywhere is explained by no axis."""
        page = open_page("everywhere")
        expect(page.locator('[data-part="grouped"]')).to_contain_text(
            "By itself this does not separate what fails from what holds."
        )

    def test_nothing_wrong_is_grouped_by_the_first_axis(self, open_page: Open) -> None:
        """Where there is nothing to explain the map is plain."""
        page = open_page("green")
        expect(page.locator('[data-part="grouped"]')).to_contain_text("contexts by stage.")

    def test_other_axes_group(self, open_page: Open) -> None:
        """One chooses other axes, one or two, and returns to what separates best."""
        page = open_page("red")
        page.get_by_label("Group by").select_option(label="removalPolicy")
        page.locator('[data-part="second"]').select_option("")
        heads = page.locator('[data-part="map"] thead th').all_inner_texts()
        assert heads == ["destroy", "retain", "retain-on-update-or-delete", "unset", "must be refused"]
        shares = _row(page, FAILING).locator(".share").all_inner_texts()
        assert [share for share in shares if "/" in share] == [
            f"{failing}/{every}" for failing, every in map(_by_policy, ("retain", "retain-on-update-or-delete", None))
        ]
        page.get_by_role("button", name="What separates best").click()
        expect(page.get_by_label("Group by")).to_have_value("0")

    def test_one_context_is_one_column(self, open_page: Open) -> None:
        """Where contexts differ in nothing there is nothing to group by."""
        page = open_page("alone")
        assert page.locator('[data-part="map"] thead th').all_inner_texts() == ["every context"]
        expect(page.locator('[data-part="grouped"]')).to_contain_text("1 context together, as they differ in nothing.")

    def test_columns_beyond_counting_are_folded(self, open_page: Open) -> None:
        """Of an axis with more values than one takes in, those that show what is wrong stay, the others are one."""
        page = open_page("crowded", "#?by=worthwatch:tableName")
        heads = page.locator('[data-part="map"] thead th').all_inner_texts()
        assert heads[-2:] == [f"{len(CONTEXTS) - 60} others", "must be refused"]
        assert len(heads) == 62
        assert _row(page, FAILING).locator("td.is-non-compliant").count() == len(PROD_WITH_VPC)

    def test_a_cell_lists_its_contexts_and_findings(self, open_page: Open) -> None:
        """Behind the two red cells are exactly the contexts that fail, with the finding and its command."""
        page = open_page("red")
        panel = page.get_by_role("dialog")
        listed = []
        for cell in _row(page, FAILING).locator("td.is-non-compliant button").all():
            cell.click()
            expect(panel.locator(".finding")).to_contain_text("wrong about dynamodb:DeleteTable")
            expect(panel.locator(".command")).to_have_text(FINDING["command"])
            listed += panel.locator(".context-list button").all_inner_texts()
            page.keyboard.press("Escape")
        assert sorted(listed) == sorted(PROD_WITH_VPC)

    def test_a_cell_has_the_findings_of_its_own_contexts(self, open_page: Open) -> None:
        """Of a scenario's findings those that the cell's contexts show, those first that most of them show."""
        page = open_page("two")
        panel = page.get_by_role("dialog")
        told = []
        for cell in _row(page, FAILING).locator("td.is-non-compliant button").all():
            cell.click()
            told.append(panel.locator(".finding a").all_inner_texts())
            page.keyboard.press("Escape")
        ours = FINDING["message"].replace("`", "")
        assert told == [[ours, "only in the first of them"], [ours]]

    def test_a_cell_has_an_address_and_back_closes_it(self, open_page: Open) -> None:
        """The address leads who gets it to the same cell; the browser's Back closes it, and leaves all else."""
        page = open_page("red", "#?q=data+plane")
        cell = _row(page, FAILING).locator("td.is-non-compliant button").nth(1)
        cell.click()
        address = page.evaluate("location.hash")
        again = open_page("red", address)
        panel = again.get_by_role("dialog", name="Data plane only")
        expect(panel).to_contain_text('stage prod, deployVpc "true"')
        page.go_back()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(cell).to_be_focused()
        assert page.evaluate("location.hash") == "#?q=data+plane"
        page.go_forward()
        expect(page.get_by_role("dialog", name="Data plane only")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.wait_for_function("location.hash === '#?q=data+plane'")

    def test_a_context_in_full_and_back(self, open_page: Open) -> None:
        """From a cell to one of its contexts, its values and outcomes, back, and on to the finding in the document."""
        page = open_page("red")
        panel = page.get_by_role("dialog")
        _row(page, FAILING).locator("td.is-non-compliant button").first.click()
        panel.get_by_role("button", name=PROD_WITH_VPC[0]).click()
        expect(panel.locator("dl")).to_contain_text("worthwatch:stage")
        expect(panel.get_by_role("heading", name="non-compliant")).to_have_text("✗ non-compliant 2 scenarios")
        panel.get_by_role("button", name="Back").click()
        panel.get_by_role("link", name="wrong about").click()
        expect(panel).to_be_hidden()
        expect(page.locator(f'[id="{documents.DATA_PLANE}"] .finding')).to_be_focused()

    def test_many_contexts_come_a_hundred_at_a_time(self, open_page: Open) -> None:
        """A cell of hundreds of contexts lists the first, and the others when asked."""
        page = open_page("big")
        cell = page.locator('[data-part="map"] td.is-compliant button').first
        every = int(cell.locator(".share").inner_text())
        cell.click()
        items = page.locator("dialog .context-list li")
        assert items.count() == 100
        page.get_by_role("button", name=f"Show 100 of {every - 100} more").click()
        assert items.count() == 200

    def test_the_strip_has_a_column_for_each_context(self, open_page: Open) -> None:
        """All contexts are drawn, where need be wider than the page shows, within a frame that scrolls."""
        page = open_page("big")
        page.locator("canvas").scroll_into_view_if_needed()
        expect(page.locator("canvas")).to_have_js_property("width", len(documents.big()["contexts"]))

    @pytest.mark.parametrize("width", [360, 1280])
    def test_the_strip_opens_where_something_fails(self, open_page: Open, width: int) -> None:
        """The first failing context is within the frame, and what follows it is too."""
        page = open_page("big", width=width)
        page.locator("canvas").scroll_into_view_if_needed()
        expect(page.locator("canvas")).not_to_have_js_property("width", 300)
        share = page.evaluate(
            "(document.querySelector('.strip-cursor').offsetLeft - document.querySelector('.strip-scroll').scrollLeft)"
            " / document.querySelector('.strip-scroll').clientWidth"
        )
        assert 0.2 < share < 0.6

    @pytest.mark.parametrize(
        "looks", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}]
    )
    def test_what_is_waived_is_neither_good_nor_bad(self, open_page: Open, looks: dict[str, str]) -> None:
        """It has cells and a count of its own, in a colour that is neither of what holds nor of what fails."""
        page = open_page("waived", **looks)
        panel = page.get_by_role("dialog")
        cells = page.locator("td.is-waived button")
        assert page.locator("td.is-non-compliant, td.is-undetermined, td.is-error").count() == 0
        listed = []
        for cell in cells.all():
            cell.click()
            expect(panel.locator(".finding .badge")).to_have_text("≈ waived")
            listed += panel.locator("section", has_text="waived in").locator(".context-list button").all_inner_texts()
            page.keyboard.press("Escape")
        assert sorted(listed) == sorted(PROD_WITH_VPC)
        slider = page.get_by_label("Context", exact=True)
        expect(slider).to_have_attribute("aria-valuetext", re.compile("≈ 1 waived"))
        drawn = page.evaluate(
            """words => words.map((word) => {
                const probe = document.createElement("span");
                probe.className = `probe is-${word}`;
                document.querySelector(".strip").append(probe);
                return getComputedStyle(probe).color;
            })""",
            ["non-compliant", "waived", "compliant", "not-applicable"],
        )
        assert len(set(drawn)) == 4
        assert _violations(page) == []

    def test_a_scenario_shows_its_own_row(self, open_page: Open) -> None:
        """An opened scenario has its contexts in the same grouping."""
        page = open_page("red", _fragment(documents.DATA_PLANE))
        own = page.locator(f'[id="{documents.DATA_PLANE}"] .own-map')
        assert own.locator("td.is-non-compliant").count() == 2


def _alerts(page: Page) -> list[str]:
    return page.locator("article.alert:visible h3").all_inner_texts()


class TestAlerts:
    """What other scanners have found."""

    def test_the_filter_narrows_them_too(self, open_page: Open) -> None:
        """By a word of theirs, and by what they come to; no alert has a state."""
        page = open_page("scanned")
        every = ["checkov CKV_AWS_28", "checkov CKV_AWS_7", "checkov CKV_AWS_119"]
        assert _alerts(page) == every
        page.get_by_label("Text", exact=True).fill("number 119")
        assert (_alerts(page), _scenarios(page)) == (every[2:], [])
        expect(page.locator('[data-part="alerts-shown"]')).to_have_text("1 of 3")
        expect(page.get_by_text("No scenario is like that.")).not_to_be_visible()
        page.get_by_role("button", name="Clear").press("Enter")
        page.locator("header").get_by_role("link", name="2 non-compliant").click()
        assert (_alerts(page), _scenarios(page)) == (every[:2], [])
        assert _alerts(open_page("scanned", page.evaluate("location.hash"))) == every[:2]
        page.get_by_label("Outcome").select_option("")
        page.get_by_label("State").select_option("covered")
        assert _alerts(page) == []
        expect(page.get_by_role("heading", name="Findings of other scanners")).not_to_be_visible()
        assert _alerts(open_page("green")) == []

    def test_what_stands_is_reached_from_the_top(self, open_page: Open) -> None:
        """The link opens it, with the contexts in which a waiver covers it and in which none does."""
        page = open_page("scanned", "#?q=sort+key")
        page.locator(".attention").get_by_role("link", name="checkov CKV_AWS_28").click()
        article = page.locator('[id="ui:alert-0"]')
        expect(article.locator("summary")).to_be_focused()
        shown = SCANNED["scanned"]["alerts"][1]
        standing = len(shown["contexts"]) - len(shown["waived"])
        expect(article.get_by_role("heading", name=f"non-compliant in {standing} contexts")).to_be_visible()
        expect(article.get_by_role("heading", name=f"waived in {len(shown['waived'])} contexts")).to_be_visible()
        expect(article.get_by_text("40 days left")).to_be_visible()
        name = SCANNED["contexts"][shown["waived"][0]]["name"]
        article.get_by_role("button", name=name, exact=True).click()
        dialog = page.get_by_role("dialog", name=name)
        listed = dialog.locator("section", has_text="Found by other scanners").locator("li").all_inner_texts()
        table = "WorthWatchStorage/Storage/DynamoTable/Resource"
        assert listed == [f"≈ waived checkov CKV_AWS_{number} on {table}" for number in (28, 119)]
        dialog.get_by_role("link", name="checkov CKV_AWS_119").click()
        expect(page.locator('[id="ui:alert-2"] summary')).to_be_focused()

    def test_without_javascript_they_are_there(self, open_page: Open) -> None:
        """With their waivers, and where they show."""
        page = open_page("scanned", "#ui%3Aalert-2", java_script_enabled=False)
        article = page.locator('[id="ui:alert-2"]')
        expect(article).to_be_in_viewport()
        article.locator("summary").click()
        expect(article.get_by_text("40 days left")).to_be_visible()

    @pytest.mark.parametrize("width", [320, 1280])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, open_page: Open, scheme: Scheme, width: int) -> None:
        """With all of them open."""
        page = open_page("scanned", width=width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert _violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width

    def test_they_are_printed(self, open_page: Open) -> None:
        """With what is behind them; the lists of contexts would be pages."""
        pdf = PdfReader(io.BytesIO(open_page("scanned").pdf(prefer_css_page_size=True)))
        text = _plain("".join(one.extract_text() for one in pdf.pages))
        wanted = [text for alert in SCANNED["scanned"]["alerts"] for text in (alert["message"], *alert["waivers"])]
        assert [one for one in wanted if _plain(one) not in text] == []


class TestLooks:
    """Schemes, widths, paper, and who cannot see."""

    def test_the_scheme_follows_the_system_and_the_button(self, open_page: Open) -> None:
        """The button turns the scheme around, without keeping anything."""
        page = open_page("red", color_scheme="dark")
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(ground)
        button = page.get_by_role("button", name="Dark")
        expect(button).to_have_attribute("aria-pressed", "true")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        assert page.evaluate(ground) != dark
        button.click()
        assert page.evaluate(ground) == dark

    def test_the_button_says_what_the_system_has_turned_to(self, open_page: Open) -> None:
        """The system goes dark while the page is open."""
        page = open_page("red", color_scheme="light")
        page.emulate_media(color_scheme="dark")
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")

    def test_the_strip_is_seen_in_forced_colours(self, open_page: Open) -> None:
        """Where the reader's colours replace ours, what fails and what holds are still drawn unlike each other."""
        page = open_page("red", forced_colors="active")
        page.locator("canvas").scroll_into_view_if_needed()
        wrong, right = [one["id"] for one in RED["scenarios"]].index(documents.DATA_PLANE), 0
        expect(page.locator("canvas")).not_to_have_js_property("width", 300)
        drawn = page.evaluate(
            """() => {
                const canvas = document.querySelector("canvas");
                const column = document.querySelector(".strip-cursor").offsetLeft + 1;
                const data = canvas.getContext("2d").getImageData(column, 0, 1, canvas.height).data;
                return Array.from({ length: canvas.height }, (_, y) => data.slice(4 * y, 4 * y + 4).join());
            }"""
        )
        assert len({drawn[14 * wrong + 5], drawn[14 * right + 5], "0,0,0,0"}) == 3
        grounds = "all => all.map(one => getComputedStyle(one).backgroundColor)"
        assert len(set(page.locator(".legend .swatch").evaluate_all(grounds))) == 2

    def test_the_close_button_is_one_line(self, open_page: Open) -> None:
        """Beside a title of any length."""
        page = open_page("hostile", width=360)
        page.locator("td.is-non-compliant button").first.click()
        box = page.get_by_role("button", name="Close").bounding_box()
        assert box
        assert box["height"] < 40

    @pytest.mark.parametrize("width", [360, 700, 900, 1280])
    def test_the_head_covers_no_heading(self, open_page: Open, width: int) -> None:
        """What a link leads to stands below the head, however many lines that has."""
        page = open_page("red", _fragment(documents.DATA_PLANE), width=width)
        article = page.locator(f'[id="{documents.DATA_PLANE}"]')
        expect(article.locator("summary")).to_be_focused()
        page.wait_for_function("document.querySelector('summary:focus').getBoundingClientRect().top < innerHeight")
        top = article.locator("h4").bounding_box()
        head = page.locator(".spec-head").bounding_box()
        assert top
        assert head
        assert head["y"] + head["height"] <= top["y"] < 900

    @pytest.mark.parametrize("name", ["red", "hostile"])
    def test_a_phone_scrolls_one_way_only(self, open_page: Open, name: str) -> None:
        """At 360 pixels nothing is wider than the page; what is wide scrolls within itself, to what is bad."""
        page = open_page(name, width=360)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate("document.querySelector('[data-part=map]').scrollLeft") > 0

    @pytest.mark.parametrize("name", ["red", "big"])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [320, 768, 1280])
    def test_axe_finds_nothing(self, open_page: Open, name: str, scheme: Scheme, width: int) -> None:
        """Neither in the page with everything open, nor in the panel."""
        page = open_page(name, width=width, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.locator(".strip").scroll_into_view_if_needed()
        assert _violations(page) == []
        page.locator("td.is-non-compliant button").first.click()
        assert _violations(page) == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_every_state_is_read_with_ease(self, open_page: Open, scheme: Scheme) -> None:
        """Each is said by a word of its own and a symbol of its own, in a colour that axe has nothing against."""
        page = open_page("states", color_scheme=scheme)
        shown = page.locator("article.scenario .state").all_inner_texts()[: len(documents.STATES)]
        assert [state.split()[1] for state in shown] == list(documents.STATES)
        assert len({state.split()[0] for state in shown}) == len(documents.STATES)
        assert _violations(page) == []

    def test_print_is_a4_and_whole(self, open_page: Open) -> None:
        """Printed from a dark screen: A4, every scenario, its rule's source, the finding, the map as a table."""
        page = open_page("red", color_scheme="dark")
        pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        sizes = {(round(one.mediabox.width), round(one.mediabox.height)) for one in pdf.pages}
        assert sizes == {A4}
        text = _plain("".join(one.extract_text() for one in pdf.pages))
        wanted = [scenario["name"] for scenario in RED["scenarios"]]
        wanted += ["def data_plane_only", FINDING["command"], '"dynamodb:DeleteTable"', "must be refused"]
        assert [one for one in wanted if _plain(one) not in text] == []

    def test_nothing_is_cut_off_on_paper(self, open_page: Open) -> None:
        """At the width of A4 between its margins every table and listing fits."""
        page = open_page("red", width=688)
        page.emulate_media(media="print")
        assert (
            page.evaluate(
                "[...document.querySelectorAll('pre, .scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
            )
            == 0
        )


def _with_vpc(value: object) -> int:
    """Return in how many contexts production's VPC is asked for in these very words."""
    return [repr(CONTEXTS[name]["worthwatch:deployVpc"]) for name in PROD_WITH_VPC].count(repr(value))


def _by_policy(policy: str | None) -> tuple[int, int]:
    """Return how many contexts of a removal policy, None for those without, are production with a VPC; of how many."""
    names = [name for name, values in CONTEXTS.items() if values.get("worthwatch:removalPolicy") == policy]
    return len(set(names) & set(PROD_WITH_VPC)), len(names)


def _plain(text: str) -> str:
    """Return the text without spaces and ligatures."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _violations(page: Page) -> list[str]:
    """Return what axe has against the page as it stands."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run({ runOnly: tags }).then(results => results.violations)", tags)
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
