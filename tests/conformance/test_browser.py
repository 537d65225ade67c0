"""The pages' `stream.js` does what the cases say, in a real browser with a clock of the test's own."""

import json

import pytest
from playwright.async_api import Browser

from tests.browser.conftest import browser, chromium  # noqa: F401
from tests.browser.modules import page_with
from tests.conformance.script import CHANCE, START, scripts

HARNESS = """
import { createStream } from "./stream.js";

const later = globalThis.setTimeout.bind(globalThis);
const settled = () => new Promise((resolve) => later(resolve, 0));
const BEGIN = Date.parse(START);
let now, timers, number, commands;

globalThis.setTimeout = (act, ms = 0) => (timers.set(++number, { at: now + ms, act }), number);
globalThis.clearTimeout = (id) => timers.delete(id);
Date.now = () => BEGIN + now;
Object.defineProperty(crypto, "randomUUID", { value: () => `c${++commands}` });

async function advance(seconds) {
  const until = Math.round((now + seconds * 1000) * 1e3) / 1e3;
  for (;;) {
    const due = [...timers].filter(([, { at }]) => Math.round(at * 1e3) / 1e3 <= until);
    if (!due.length) break;
    const [id, { at, act }] = due.reduce((first, next) => (next[1].at < first[1].at ? next : first));
    timers.delete(id);
    now = at;
    act();
    await settled();
  }
  now = until;
}

/** Plays one case; what the client did after each step. */
window.play = async ({ renews, steps }) => {
  [now, timers, number, commands] = [0, new Map(), 0, 0];
  let told = [], socket, ticket, renewal;
  const promised = (keep) => new Promise((resolve, reject) => keep({ resolve, reject }));
  const stream = createStream({
    ticket: () => (told.push("ask"), promised((it) => (ticket = it))),
    renew: renews ? () => (told.push("renew"), promised((it) => (renewal = it))) : undefined,
    connect: () => {
      told.push("open");
      return (socket = {
        readyState: 0,
        send: (text) => told.push({ send: JSON.parse(text) }),
        close() {
          told.push("drop");
          this.readyState = 3;
        },
      });
    },
    onSnapshot: (state) => told.push({ snapshot: state }),
    onEvent: ({ seq }) => told.push({ event: seq }),
    onState: ({ data }) => told.push({ state: data }),
    onStatus: ({ name, code, problem }) =>
      told.push({ status: name, ...(code && { code }), ...(problem && { problem: problem.type }) }),
    random: () => CHANCE,
  });
  const acts = {
    start: () => stream.start(),
    stop: () => stream.stop(),
    nudge: () => stream.nudge(),
    lost: () => stream.lost(),
    ticket: (value) => ticket.resolve(value),
    refused: (problem) => ticket.reject({ ...problem, retryAfter: problem.retry_after_s }),
    opened: () => ((socket.readyState = 1), socket.onopen({})),
    receive: (frame) => acts.text(JSON.stringify(frame)),
    text: (data) => socket.onmessage({ data }),
    closed: (code) => ((socket.readyState = 3), socket.onclose({ code })),
    command: ({ op, args }) => {
      const id = `c${commands + 1}`;
      stream.command(op, args).then(
        (data) => told.push({ answer: id, data }),
        (problem) => told.push({ answer: id, problem: problem.type }),
      );
    },
    position: (point) => stream.position(point),
    renewed: (value) => renewal.resolve(value),
    not_renewed: () => renewal.reject({ status: 503 }),
    advance,
  };
  const all = [];
  for (const [act, value] of steps) {
    await acts[act](value);
    await settled();
    all.push(told);
    told = [];
  }
  return all;
};
window.ready = true;
"""


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_the_browsers_client_follows_every_script(browser: Browser) -> None:  # noqa: F811
    harness = HARNESS.replace("START", json.dumps(START)).replace("CHANCE", str(CHANCE))
    page = await page_with(browser, harness)
    wrong = []
    for script in scripts():
        told = await page.evaluate(
            "script => window.play(script)", {"renews": script.renews, "steps": script.steps}
        )
        for step, (did, (act, _, expected)) in enumerate(zip(told, script.steps, strict=True), 1):
            if did != expected:
                wrong.append(f"{script.name}, step {step}, {act}: did {did}, not {expected}")
                break
    assert not wrong, "\n".join(wrong)
