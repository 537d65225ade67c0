/** Parts of a page that come after its first screen, so that this one is there sooner. */
import { html, signal, useEffect } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button, Notice } from "./controls.js";

/**
 * @param {() => Promise<Record<string, any>>} load imports the module
 * @param {string} name of the component in it
 */
export function later(load, name) {
  const part = signal(/** @type {any} */ (null));
  const failed = signal(false);
  const get = async () => {
    failed.value = false;
    try {
      part.value ??= (await load())[name];
    } catch {
      failed.value = true;
    }
  };
  const Later = (/** @type {object} */ props) => {
    useEffect(() => void get(), []);
    const View = part.value;
    if (View) return html`<${View} ...${props} />`;
    if (!failed.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
    return html`<div class="stack"><${Notice} tone="bad">${t("problem.unreachable")}</${Notice}>
      <${Button} big onClick=${get}>${t("line.again")}</${Button}></div>`;
  };
  Later.get = get;
  return Later;
}

/** Fetch these once the first screen stands: a network that breaks then breaks nothing. */
export const soon = (/** @type {ReturnType<typeof later>[]} */ parts) => setTimeout(() => parts.forEach((part) => part.get()), 1_500);
