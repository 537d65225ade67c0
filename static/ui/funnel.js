/** Why a gig is not full: the steps of its search as bars with words and numbers, and what would help. */
import { html } from "../lib/html.js";
import { lang, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";

/** What a value says in the page's language. */
export const said = (value) => (lang.value === "en" ? value.en : value.zh);

/** One bar per step; the number is always written. */
export function Funnel({ steps }) {
  const most = Math.max(1, ...steps.map(({ count }) => count));
  return html`<ol class="funnel" data-testid="funnel">${steps.map((step) => html`<li key=${step.step} data-step=${step.step}>
    <span>${said(step)}</span><i aria-hidden="true" style=${{ width: `${(step.count / most) * 100}%` }}></i>
    <b>${t("full.people", { n: step.count })}</b></li>`)}</ol>`;
}

/** Steps, advice and the moment they speak of. */
export const WhyPanel = ({ why }) => html`
  ${why.basis === "recorded" && html`<${Funnel} steps=${why.steps} />`}
  ${why.advice.length > 0 && html`<h3>${t("full.help")}</h3>
    <ul class="plain">${why.advice.map((each) => html`<li key=${each.code}>${said(each)}</li>`)}</ul>`}
  <p class="muted small">${t("full.at", { at: `${day(why.at)} ${clock(why.at)}` })}</p>`;
