"""The pages' real `store.js` in a real browser: one page, many steps in one evaluation."""

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.modules import page_with

HARNESS = """
import { apply, fromSnapshot } from "./store.js";

const states = new Map();

/** Where two values differ first, as [path, left, right]; null when they are equal. */
function difference(left, right, path = "") {
  if (Object.is(left, right)) return null;
  const both = [left, right];
  const plain = both.some((value) => value === null || typeof value !== "object");
  if (plain || Array.isArray(left) !== Array.isArray(right)) return [path, left, right];
  for (const key of new Set(both.flatMap(Object.keys))) {
    const at = `${path}.${key}`;
    let [a, b] = both.map((value) => (key in value ? value[key] : "(not there)"));
    // The latest value at its moment, not a fact: it moves without an event. Having one is a fact.
    if (at === ".me.presence.position") [a, b] = [a !== null, b !== null];
    const found = difference(a, b, at);
    if (found) return found;
  }
  return null;
}

/** Carry out steps [act, name, role, value]; gives the numbers of those that were wrong, and how. */
window.run = (steps) => {
  const wrong = [];
  steps.forEach(([act, name, role, value], number) => {
    if (act === "begin") states.set(name, fromSnapshot(role, value));
    if (act === "event") states.set(name, Object.freeze(apply(states.get(name), value)));
    if (act === "equals") {
      const found = difference(states.get(name), fromSnapshot(role, value));
      if (found) wrong.push([number, ...found.map((each) => JSON.stringify(each) ?? "undefined")]);
    }
  });
  return wrong;
};
window.size = (name, list) => states.get(name)[list].length;
window.ready = true;
"""


@dataclass
class Engine:
    """Steps wait here until `flush` carries them out. `note` of a check says where in the test it stands."""

    page: Page
    steps: list[tuple[str, str, str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: int = 0
    total: int = 0

    def begin(self, name: str, role: str, snapshot: dict[str, Any]) -> None:
        """From here on `name` holds this snapshot's state."""
        self._add("begin", name, role, snapshot, "")

    def event(self, name: str, event: dict[str, Any]) -> None:
        """One event on top of what `name` holds."""
        self._add("event", name, "", event, "")

    def equals(self, name: str, role: str, snapshot: dict[str, Any], note: str) -> None:
        """What `name` holds must be what this snapshot says."""
        self.checks += 1
        self._add("equals", name, role, snapshot, note)

    async def flush(self) -> None:
        """Carry out what waits. Fails with the first difference."""
        steps, notes, self.steps, self.notes = self.steps, self.notes, [], []
        self.total += len(steps)
        wrong = await self.page.evaluate("steps => window.run(steps)", steps)
        told = [f"{notes[at]}: {path} is {held}, a new client gets {new}" for at, path, held, new in wrong]
        assert not told, "\n".join(told[:5])

    async def size(self, name: str, list_: str) -> int:
        """How long a list of `name`'s state is."""
        await self.flush()
        found: int = await self.page.evaluate("([name, list]) => window.size(name, list)", [name, list_])
        return found

    def _add(self, act: str, name: str, role: str, value: Any, note: str) -> None:
        self.steps.append((act, name, role, value))
        self.notes.append(note)


async def open_engine(browser: Browser) -> Engine:
    """A page with the checkout's store in it."""
    return Engine(await page_with(browser, HARNESS))
