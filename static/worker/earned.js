/** What I earned: a month by its days, and what is still to come. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, lang, t } from "../lib/i18n.js";
import { now } from "../lib/clock.js";
import { yuan } from "../lib/format.js";
import { Button, Notice } from "../ui/controls.js";
import { api } from "./market.js";

/** This month by the city's clock, some months back: YYYY-MM. */
function monthOf(back) {
  const city = new Date(now() + 8 * 3_600_000);
  return new Date(Date.UTC(city.getUTCFullYear(), city.getUTCMonth() - back, 1)).toISOString().slice(0, 7);
}

const date = (day, options) => new Date(`${day}T00:00:00Z`).toLocaleDateString(lang.value === "en" ? "en" : "zh-CN", { timeZone: "UTC", ...options });

export function Earned() {
  const [back, setBack] = useState(0);
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    setProblem(null);
    api.get(`/workers/me/earnings?month=${monthOf(back)}`).then(setFound, setProblem);
  }, [back]);
  const most = Math.max(1, ...(found?.days ?? []).map(({ fen }) => fen));
  return html`<section class="card earned" data-testid="earned">
    <div class="row apart"><h2>${t("earned.title")}</h2><span>${date(`${monthOf(back)}-01`, { year: "numeric", month: "long" })}</span></div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${found && html`<p class="pay" data-testid="earned-sum">${yuan(found.fen)} <small>${t("earned.gigs", { n: found.gigs })}</small></p>
      ${found.waiting_fen > 0 && html`<p>${t("earned.waiting", { sum: yuan(found.waiting_fen) })}</p>`}
      ${found.days.length === 0 ? html`<p class="muted">${t("earned.none")}</p>` : html`<ul class="days">${found.days.map(({ day, fen, gigs }) => html`<li key=${day}>
        <span>${date(day, { day: "numeric", weekday: "short" })}</span>
        <i aria-hidden="true" style=${{ width: `${Math.round((fen / most) * 100)}%` }}></i>
        <b>${yuan(fen)}</b><span class="muted">${t("earned.gigs", { n: gigs })}</span></li>`)}</ul>`}`}
    <div class="row"><${Button} tone="plain" onClick=${() => setBack(back + 1)} data-testid="earned-back">${t("earned.before")}</${Button}>
      ${back > 0 && html`<${Button} tone="plain" onClick=${() => setBack(back - 1)}>${t("earned.after")}</${Button}>`}</div>
  </section>`;
}
