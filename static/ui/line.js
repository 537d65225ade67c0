/** The line to the server, where it is not well. */
import { html } from "../lib/html.js";
import { REPLACED } from "../lib/closing.js";
import { hasWords, t } from "../lib/i18n.js";
import { Button } from "./controls.js";

/** Those who hire and staff took no gig that could be safe: their words say how old what they see is. */
const waits = () => (hasWords("line.waiting.desk") ? "line.waiting.desk" : "line.waiting");

/** Why nothing moves, while the stream is not live; `again` starts it anew after a final close. */
export function LineBanner({ status, again, waiting = waits() }) {
  const { name, code } = status;
  if (name === "live" || name === "logged-out") return null;
  if (name === "connecting") return html`<div class="hidden-text" role="status">${t("line.connecting")}</div>`;
  const words = name === "waiting" ? waiting : code === REPLACED ? "line.replaced" : "line.stopped";
  return html`<div class="banner" role="status" data-testid="line-banner">${t(words)}
    ${name === "stopped" && html` <${Button} onClick=${again}>${t("line.again")}</${Button}>`}</div>`;
}
