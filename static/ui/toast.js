/** Short messages at the bottom, read out, gone by themselves. */
import { html, signal } from "../lib/html.js";
import { explain } from "../lib/i18n.js";

const SHOWN_MS = 4500;
const toasts = signal([]);
let count = 0;

/** Say something once; a newer message takes the place of the last. */
export function toast(text) {
  const id = ++count;
  toasts.value = [{ id, text }];
  setTimeout(() => (toasts.value = toasts.value.filter((each) => each.id !== id)), SHOWN_MS);
}

/** Say what a person can do about a problem. */
export const toastProblem = (problem) => toast(explain(problem));

export const Toasts = () => html`<div class="toasts" role="status" aria-live="polite" data-testid="toasts">
  ${toasts.value.map(({ id, text }) => html`<div class="toast" key=${id} data-testid="toast">${text}</div>`)}
</div>`;
