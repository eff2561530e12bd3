"""The page in a real browser: as wide as a phone and as a desk, light and dark, with and without script."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions, Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from eqcbatch.domain.model import Held
from eqcbatch.simulate import Faults, Simulator, SimulatorOptions
from tests.conftest import FAST, TOKEN
from tests.drains import companies
from tests.integration.test_hostile import HOSTILE
from tests.ledgers import change, plan_names, resolve, verdict

SCRIPT, IMAGE = "<script>taken=1</script>公司", "</style><img/src=x/onerror=taken=1>公司"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage",),
)
PHONE, DESK = 390, 1440
PAPER = {"light": "rgb(252, 251, 249)", "dark": "rgb(20, 23, 26)"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless Chromium with a new profile; the test is skipped where there is none."""
    binary, driver = _browser_and_driver()
    options = ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    with Chrome(options=options, service=Service(driver)) as chrome:
        yield chrome


def _browser_and_driver() -> tuple[str, str]:
    """Where both are; a gate that could have them, and has not, fails."""
    binary, driver = next(filter(None, map(shutil.which, BROWSERS)), None), shutil.which("chromedriver")
    if binary and driver:
        return binary, driver
    could_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    if os.environ.get("CI") == "true" and could_install:
        pytest.fail("The gate has no browser: apt-get install chromium chromium-driver")
    pytest.skip("no Chromium with its chromedriver on the PATH")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a ledger that was really drained, twice and with faults; with hostile names."""
    home = tmp_path_factory.mktemp("page")
    ledger = home / "l.sqlite"
    names = companies(120)
    plan_names(ledger, *names, *names[:40], *names[:10])
    faults = Faults({"500": 0.1, "error": 0.05})
    with Simulator(SimulatorOptions(latency=(0, 0.01), rate=None, token=TOKEN, faults=faults)) as eqc:
        settings = ("--resume", "--rate", FAST, "--time-scale", 600, "--eqc-url", eqc.url)
        for budget in (60, 50):
            _run(home, "drain", *settings, "--budget", budget)
    plan_names(ledger, SCRIPT, IMAGE, *HOSTILE, source="hostile")
    for raw in (IMAGE, *HOSTILE[:3]):
        resolve(ledger, raw, verdict("600000007", 0.6, Held.LOW_CONFIDENCE))
    change(ledger, "UPDATE names SET weight = rows * 1234567.5")
    _run(home, "report", "--html", home / "page.html", "--budget", 20)
    return home / "page.html"


def _run(home: Path, *words: object) -> None:
    environment = {"EQCBATCH_EQC_TOKEN": TOKEN, "EQCBATCH_PACE_FILE": str(home / "pace.json")}
    command = [sys.executable, "-m", "eqcbatch", *map(str, words), "--ledger", str(home / "l.sqlite")]
    ran = subprocess.run(
        command, env=os.environ | environment, cwd=home, capture_output=True, encoding="utf-8"
    )
    assert 0 == ran.returncode, ran.stderr


@pytest.fixture
def opened(browser: Chrome, page: Path) -> Chrome:
    """The browser with the page just opened, at a desk, in the light."""
    complaints(browser)
    show(browser, DESK, "light")
    browser.get(page.as_uri())
    return browser


def show(browser: Chrome, width: int, theme: str, media: str = "screen") -> None:
    """Let the browser be so wide, and its user prefer this theme."""
    preference = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [preference]})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def complaints(browser: Chrome) -> list[dict[str, Any]]:
    """What the console has said since it was last asked: errors and warnings."""
    said: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return said


def style(browser: Chrome, selector: str, name: str) -> str:
    """A computed style of the first such element."""
    script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
    return str(browser.execute_script(script, selector, name))


def column(table: WebElement, number: int) -> list[str]:
    """The texts of a table's column, from the top."""
    return [
        row.find_elements(By.CSS_SELECTOR, "th, td")[number].text
        for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_page_fits_its_width_in_both_themes(opened: Chrome, width: int, theme: str) -> None:
    """It cannot be moved sideways; what is wider moves inside its own frame, and nothing else sticks out."""
    show(opened, width, theme)

    assert width == opened.execute_script("return document.documentElement.scrollWidth")
    assert PAPER[theme] == style(opened, "body", "backgroundColor")
    sticking_out = opened.execute_script(
        """return [...document.querySelectorAll("body *")]
             .filter((one) => !one.closest(".wide, svg, bdi"))
             .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
             .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert [] == sticking_out
    assert [] == complaints(opened)


def test_nothing_is_fetched_and_nothing_complains(opened: Chrome) -> None:
    """No request beside the file itself; no error or warning on the console."""
    assert [] == opened.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert [] == complaints(opened)


def test_a_name_that_is_a_script_is_shown_as_text(opened: Chrome) -> None:
    """It does not run, and adds no element."""
    shown = opened.find_element(By.TAG_NAME, "main").get_attribute("textContent") or ""

    assert SCRIPT in shown
    assert IMAGE in shown
    assert opened.execute_script("return window.taken === undefined && !document.querySelector('img')")
    assert 1 == opened.execute_script("return document.scripts.length")


def test_the_policy_lets_no_other_script_run(opened: Chrome) -> None:
    """Whatever got into the page would stay dead."""
    opened.execute_script(
        """const other = document.createElement("script");
           other.textContent = "window.taken = 1";
           document.body.append(other);"""
    )

    assert opened.execute_script("return window.taken === undefined")
    assert "Content Security Policy" in str(complaints(opened))


def test_tables_are_sorted_by_a_click_on_their_heads(opened: Chrome) -> None:
    """Numbers first from the largest, then from the smallest; the head says which way."""
    table = opened.find_element(By.CSS_SELECTOR, "#missing table")
    heads = table.find_elements(By.CSS_SELECTOR, "thead th")
    rows = [int(text.replace(",", "")) for text in column(table, 2)]

    heads[2].find_element(By.TAG_NAME, "button").click()
    down = [int(text.replace(",", "")) for text in column(table, 2)]
    said = heads[2].get_attribute("aria-sort"), heads[3].get_attribute("aria-sort")
    heads[2].find_element(By.TAG_NAME, "button").click()
    up = [int(text.replace(",", "")) for text in column(table, 2)]

    assert sorted(rows, reverse=True) == down
    assert ("descending", None) == said
    assert (sorted(rows), "ascending") == (up, heads[2].get_attribute("aria-sort"))


def test_tables_are_sorted_from_the_keyboard(opened: Chrome) -> None:
    """The heads are reached with Tab, show that they are, and obey Enter; times are sorted as times."""
    table = opened.find_element(By.CSS_SELECTOR, "#nights table")
    head = table.find_element(By.CSS_SELECTOR, "thead th")
    before = column(table, 2)

    button = head.find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.TAB, Keys.SHIFT + Keys.TAB)
    focused = opened.switch_to.active_element
    outline = opened.execute_script("return getComputedStyle(arguments[0]).outlineStyle", focused)
    focused.send_keys(Keys.ENTER)

    assert (button, "solid") == (focused, outline)
    assert "ascending" == head.get_attribute("aria-sort")
    assert before[::-1] == column(table, 2)


def test_without_a_script_everything_can_be_read(browser: Chrome, page: Path) -> None:
    """All sections and charts are there; nothing asks to be clicked in vain."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(page.as_uri())
        headings = [one.text for one in browser.find_elements(By.TAG_NAME, "h2")]
        assert [
            *("Where the names stand", "What is left", "The sources", "Coverage over time"),
            *("Requests by outcome", "What a night achieved", "Latency", "Failures by reason"),
            *("The accounts balance", "The heaviest names still missing", "Held for review"),
        ] == headings
        assert 3 == len(browser.find_elements(By.CSS_SELECTOR, "svg.chart"))
        assert [] == browser.find_elements(By.TAG_NAME, "button")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_charts_are_drawn_and_named(opened: Chrome) -> None:
    """Each has an accessible name, and bars or a line of some size."""
    for chart in opened.find_elements(By.CSS_SELECTOR, "svg.chart"):
        assert chart.accessible_name
        drawn = chart.find_elements(By.CSS_SELECTOR, "rect, path")
        assert any(one.size["width"] > 1 and one.size["height"] > 1 for one in drawn)


def test_the_page_prints_on_white(opened: Chrome) -> None:
    """A dark theme stays on the screen; what is wide on the screen is not cut on paper."""
    show(opened, DESK, "dark", media="print")

    assert "rgb(255, 255, 255)" == style(opened, "body", "backgroundColor")
    assert "visible" == style(opened, ".wide", "overflowX")
    printed: dict[str, Any] = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF-")
