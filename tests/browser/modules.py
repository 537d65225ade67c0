"""A page of a test's own: a harness that may import any module of `static/lib`, and nothing of a server's."""

from pathlib import Path

from playwright.async_api import Browser, Page, Route

LIB = Path(__file__).parents[2] / "static" / "lib"
ORIGIN = "http://modules.test"


async def page_with(browser: Browser, harness: str) -> Page:
    """The page once `harness` (a module that ends by setting `window.ready`) has run."""
    page = await browser.new_page()

    async def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ORIGIN).lstrip("/")
        if name == "harness.js":
            await route.fulfill(body=harness, content_type="text/javascript")
        elif name:
            await route.fulfill(path=LIB / name, content_type="text/javascript")
        else:
            await route.fulfill(
                body='<script type="module" src="/harness.js"></script>', content_type="text/html"
            )

    await page.route("**/*", answer)
    await page.goto(ORIGIN)
    await page.wait_for_function("() => window.ready")
    return page
