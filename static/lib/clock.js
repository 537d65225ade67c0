/**
 * The server's time: cheap phones are often minutes off, and a countdown must not be. How far off is kept on the
 * device, so that what is written down without a network has the right time, too.
 */
import { signal } from "@preact/signals";
import { recall, remember } from "./remember.js";

let offset = Number(recall("clock", "0")) || 0;

/**
 * Set from `welcome.now`.
 * @param {string} iso
 */
export function setServerNow(iso) {
  offset = Date.parse(iso) - Date.now();
  remember("clock", String(offset));
  second.value = now();
}

/** Milliseconds since the epoch by the server's clock. */
export const now = () => Date.now() + offset;

/** The same, once a second: reading it in a component redraws it. */
export const second = signal(now());

setInterval(() => (second.value = now()), 1000);
