"""Everybody can use every client: light and dark, large type, both languages, by keyboard alone, at 200 %.

Each state that another test photographs is judged by the same rules (`Visitor.shot`).
"""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SIZES = {
    "/worker/": (360, 640),
    "/kiosk/": (1080, 1920),
    "/employer/": (360, 640),
    "/staff/": (1280, 800),
    "/rules/": (360, 640),
}
INSIDE = {
    "/worker/": "go-available",
    "/employer/": "post-gig",
    "/staff/": "staff-map",
    "/kiosk/": "kiosk-start",
}
MAIN_TEXT_PX = 18
"""In large type (适老化)."""


async def inside(visitors: Visitors, market: Serving, path: str, **options: str) -> Visitor:
    """Somebody in front of this client, logged in where it has a login."""
    visitor = await visitors.open(market.url, path, SIZES[path], **options)
    if path in INSIDE:
        await visitor.tap("demo-login")
        await visitor.gone("demo-login")
    await visitor.page.wait_for_load_state("networkidle")
    return visitor


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", SIZES)
async def test_no_rule_is_broken_light_or_dark_in_large_type_or_in_english(
    visitors: Visitors, market: Serving, path: str, scheme: str
) -> None:
    visitor = await inside(visitors, market, path, color_scheme=scheme)
    name = f"access-{path.strip('/')}-{scheme}"
    await visitor.shot(name)
    if await visitor.at("elder-switch").count():
        await visitor.tap("elder-switch")
        await visitor.shot(f"{name}-elder")
        assert await visitor.smallest_text() >= MAIN_TEXT_PX
        await visitor.tap("elder-switch")
    await visitor.tap("lang-switch")
    await visitor.shot(f"{name}-en")


@pytest.mark.parametrize("path", ["/worker/", "/employer/", "/staff/", "/rules/"])
async def test_at_200_percent_nothing_is_lost(visitors: Visitors, market: Serving, path: str) -> None:
    """WCAG 1.4.4 and 1.4.10: twice as large is half as many CSS pixels."""
    visitor = await inside(visitors, market, path)
    width, height = SIZES[path]
    await visitor.page.set_viewport_size({"width": max(320, width // 2), "height": max(320, height // 2)})
    await visitor.shot(f"access-{path.strip('/')}-200")


@pytest.mark.parametrize("path", SIZES)
async def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    visitors: Visitors, market: Serving, path: str
) -> None:
    visitor = await inside(visitors, market, path)
    reachable = await visitor.page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary")]
          .filter((e) => e.checkVisibility() && !e.disabled).length"""
    )
    seen: set[int] = set()
    unmarked: list[str] = []
    # A date field has a stop for each of its parts.
    for _ in range(6 * reachable + 3):
        await visitor.page.keyboard.press("Tab")
        at = await visitor.page.evaluate(
            """() => {
              const e = document.activeElement;
              if (!e || e === document.body) return null;
              const style = getComputedStyle(e);
              // A date field marks the part of it that is being typed.
              const parts = e.matches("input[type^=date], input[type=time]");
              const marked = parts || style.outlineStyle !== "none" || style.boxShadow !== "none";
              window.stops ??= [];
              if (!window.stops.includes(e)) window.stops.push(e);
              return [window.stops.indexOf(e), marked, e.outerHTML.slice(0, 120)];
            }"""
        )
        if at is None:
            continue
        if at[0] == 0 and len(seen) > 1:
            break
        seen.add(at[0])
        unmarked += [] if at[1] else [at[2]]
    assert unmarked == []
    # Of a group of radio buttons Tab stops at one.
    groups = await visitor.page.evaluate(
        """() => [...document.querySelectorAll("input[type=radio]")].filter((e) => e.checkVisibility()).length
          - new Set([...document.querySelectorAll("input[type=radio]")].map((e) => e.name)).size"""
    )
    assert len(seen) >= reachable - max(0, groups)


async def test_the_keyboard_goes_on_where_it_was_before_a_dialog(visitors: Visitors, market: Serving) -> None:
    visitor = await inside(visitors, market, "/worker/")
    for door, dialog in (("go-station", "stations"), ("go-available", "consent")):
        await visitor.at(door).press("Enter")
        await visitor.see(dialog)
        await visitor.page.keyboard.press("Escape")
        await visitor.gone(dialog)
        await expect(visitor.at(door)).to_be_focused()


async def test_whoever_wants_no_motion_gets_none(visitors: Visitors, market: Serving) -> None:
    for path in SIZES:
        visitor = await inside(visitors, market, path, reduced_motion="reduce")
        moving = await visitor.page.evaluate(
            """() => document.getAnimations().filter((a) => a.effect.getComputedTiming().duration > 9).length"""
        )
        assert moving == 0, path


async def test_the_judge_would_tell(visitors: Visitors, market: Serving) -> None:
    visitor = await inside(visitors, market, "/rules/")
    await visitor.page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend", "<img src='data:,'><button></button>")"""
    )
    found = " ".join(await visitor.barriers())
    assert "image-alt" in found
    assert "button-name" in found
