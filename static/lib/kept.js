/**
 * What a device took down while the server could not be told: kept on it with the time and an idempotency key,
 * brought in order once the server is there again. A refusal stays until somebody has read it.
 */
import { signal } from "@preact/signals";
import { codeOf, newId } from "./api.js";
import { now } from "./clock.js";
import { recall, remember } from "./remember.js";

/** Signs that the server is not there, or not for us: what waits goes on waiting. */
const AGAIN = new Set(["unreachable", "unavailable", "rate-limited", "internal", "unauthenticated"]);

/**
 * What is known of something kept, besides what it is: {key, at, state: waiting | refused, why?}.
 * @param {object} options
 * @param {string} options.name where it is kept on this device
 * @param {(step: any) => Promise<unknown>} options.send tells the server; rejects with its problem
 * @param {(a: any, b: any) => boolean} options.same whether two are one wish: the later words, the earlier time
 * @param {(step: any) => boolean} options.ours whether it is for who is here to send
 * @param {string[]} options.secrets fields that are no longer needed once the server has answered
 * @param {(step: any) => void} [options.onSent]
 * @param {(step: any) => void} [options.onRefused]
 */
export function createKept({ name, send, same, ours, secrets, onSent, onRefused }) {
  const list = signal(/** @type {any[]} */ (JSON.parse(recall(name, "[]") ?? "[]")));
  const put = (/** @type {any[]} */ next) => {
    list.value = next;
    remember(name, next.length ? JSON.stringify(next) : null);
  };
  const forget = (/** @type {string} */ key) => put(list.value.filter((each) => each.key !== key));
  const refuse = (/** @type {string} */ key, /** @type {string} */ why) => {
    const gone = Object.fromEntries(secrets.map((field) => [field, undefined]));
    put(list.value.map((each) => (each.key === key ? { ...each, ...gone, state: "refused", why } : each)));
  };
  const next = () => list.value.find((each) => each.state === "waiting" && ours(each));

  const bring = async () => {
    for (let step = next(); step; step = next()) {
      try {
        await send(step);
        forget(step.key);
        onSent?.(step);
      } catch (problem) {
        if (AGAIN.has(codeOf(problem))) return;
        refuse(step.key, codeOf(problem));
        onRefused?.(step);
      }
    }
  };
  /** @type {Promise<void> | null} */
  let bringing = null;
  return {
    list,
    forget,
    /**
     * Take down a step; gives it with its time and key.
     * @param {object} step
     */
    keep(step) {
      const before = list.value.find((each) => each.state === "waiting" && same(each, step));
      const kept = { ...step, key: newId(), at: before?.at ?? new Date(now()).toISOString(), state: "waiting" };
      put([...list.value.filter((each) => each !== before), kept]);
      return kept;
    },
    /** Bring the server what waits, in order; stop at the first sign that it is not there. */
    reconcile() {
      bringing ??= bring().finally(() => (bringing = null));
      return bringing;
    },
  };
}
