/** Before it is known who is here. */
import { html } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { Button, Notice } from "./controls.js";

/** While asking who is here, and when nobody answers. */
export function Gate({ session }) {
  if (!session.failed.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<div class="stack"><${Notice} tone="bad">${explain(session.failed.value)}</${Notice}>
    <${Button} big onClick=${session.restore}>${t("line.again")}</${Button}></div>`;
}
