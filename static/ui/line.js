/** The line to the server, where it is not well. */
import { html } from "../lib/html.js";
import { REPLACED } from "../lib/closing.js";
import { t } from "../lib/i18n.js";
import { Button } from "./controls.js";

/** Why nothing moves, while the stream is not live; `again` starts it anew after a final close. */
export function LineBanner({ status, again, waiting = "line.waiting" }) {
  const { name, code } = status;
  if (name === "live" || name === "logged-out") return null;
  if (name === "connecting") return html`<div class="hidden-text" role="status">${t("line.connecting")}</div>`;
  const words = name === "waiting" ? waiting : code === REPLACED ? "line.replaced" : "line.stopped";
  return html`<div class="banner" role="status" data-testid="line-banner">${t(words)}
    ${name === "stopped" && html` <${Button} onClick=${again}>${t("line.again")}</${Button}>`}</div>`;
}
