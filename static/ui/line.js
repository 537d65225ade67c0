/** The line to the server, where it is not well. */
import { html } from "../lib/html.js";
import { REPLACED } from "../lib/closing.js";
import { hasWords, t } from "../lib/i18n.js";
import { Button } from "./controls.js";

/** Those who hire and staff took no gig that could be safe: their words say how old what they see is. */
const waits = () => (hasWords("line.waiting.desk") ? "line.waiting.desk" : "line.waiting");

/**
 * Null while the stream is live; else words for the bar, in its name's place, where they move nothing: a line breaks and
 * comes back while a finger is on its way.
 */
export function lineOf({ name, code }, again, waiting = waits()) {
  if (name === "waiting") return html`<${Line} words=${waiting} />`;
  if (name !== "stopped") return null;
  return html`<${Line} words=${code === REPLACED ? "line.replaced" : "line.stopped"} again=${again} />`;
}

const Line = ({ words, again }) => html`<div class="line" role="status" data-testid="line-banner">${t(words)}
  ${again && html`<${Button} onClick=${again}>${t("line.again")}</${Button}>`}</div>`;
