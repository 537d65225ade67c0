/** Why the gig is not full yet, calmly: the sentence, the search in steps, what would help. No people in it. */
import { html, useEffect, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { said, WhyPanel } from "../ui/funnel.js";
import { api } from "./market.js";

const EVERY_MS = 30_000;

export function WhyNotFull({ gig }) {
  const [why, setWhy] = useState(null);
  useEffect(() => {
    // What cannot be told now is told the next time; the rest of the page does not depend on it.
    const load = () => api.get(`/gigs/${gig.id}/why`).then(setWhy, () => {});
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, [gig.id, gig.filled]);
  if (!why) return null;
  return html`<details data-testid="why-not-full"><summary>${t("full.title")}</summary>
    <div class="stack tight"><p data-testid="why-not-full-words"><b>${said(why)}</b></p><${WhyPanel} why=${why} /></div></details>`;
}
