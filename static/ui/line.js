/** The line to the server, where it is not well. */
import { html } from "../lib/html.js";
import { REPLACED } from "../lib/closing.js";
import { hasWords, t } from "../lib/i18n.js";
import { Button } from "./controls.js";

/** Those who hire and staff took no gig: their words say how old what they see is. */
const waits = () => (hasWords("line.waiting.desk") ? "line.waiting.desk" : "line.waiting");

/**
 * Null while the stream is live, else what stands in the bar instead of its name: there it moves nothing under a finger.
 * @param {import("../lib/stream.js").Status} status
 * @param {() => void} again
 */
export function lineOf({ name, code }, again, waiting = waits()) {
  if (name === "waiting") return html`<${Line} words=${waiting} />`;
  if (name !== "stopped") return null;
  return html`<${Line} words=${code === REPLACED ? "line.replaced" : "line.stopped"} again=${again} />`;
}

const Line = ({ words, again }) => html`<div class="line" role="status" data-testid="line-banner">${t(words)}
  ${again && html`<${Button} onClick=${again}>${t("line.again")}</${Button}>`}</div>`;
