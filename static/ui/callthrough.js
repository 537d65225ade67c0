/** A number that connects the two sides of a gig without either's own: asked for when it is wanted, then called. */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { clock, day, phoneGroups } from "../lib/format.js";
import { Icon } from "./icons.js";
import { Button, Notice } from "./controls.js";

/**
 * `ask` gets the number from the server. Two taps and no call that begins by itself: who calls sees whom, and how.
 * @param {{ask: () => Promise<{number: string, until: string}>, label: string}} props
 */
export function CallThrough({ ask, label }) {
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  const get = async () => {
    setBusy(true);
    setProblem(null);
    await ask().then(setFound, setProblem);
    setBusy(false);
  };
  if (found) {
    return html`<div class="stack tight" aria-live="polite">
      <a class="button plain" href=${`tel:${found.number}`} data-testid="call-number"><${Icon} name="phone" />${t("call.number", { number: phoneGroups(found.number) })}</a>
      <p class="muted">${t("call.how", { at: `${day(found.until)} ${clock(found.until)}` })}</p></div>`;
  }
  return html`<${Button} tone="plain" busy=${busy} onClick=${get} data-testid="call-through">${label}</${Button}>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}`;
}
