/** How full a gig is, and calmly why it is not: a sentence of the real reason, the search in steps, what would help. */
import { html, useEffect, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { said, WhyPanel } from "../ui/funnel.js";
import { Notice } from "../ui/controls.js";
import { Fill } from "./board.js";
import { advised, api, unpaid } from "./market.js";

const EVERY_MS = 30_000;
/** Reasons of which one may say, besides, how long the search goes on. */
const SEARCHES = ["no_round", "nobody_near", "all_kept_away", "held", "too_few"];

export function Filling({ gig, people }) {
  const short = gig.status === "open" && gig.filled < gig.headcount;
  const why = useWhy(gig, short, people.asked.length);
  // What was odd about the place when it was posted; that no road leads there, the sentence says itself.
  const odd = advised.value?.gig === gig.id ? advised.value.advice.filter(({ code }) => code !== "off_road") : [];
  return html`<section class="card"><${Fill} gig=${gig} />
    <p class="muted" aria-live="polite" data-testid="fill-words">${calmWords(gig, people, why)}</p>
    ${odd.map((each) => html`<div key=${each.code} data-testid="place-advice"><${Notice}>${said(each)}</${Notice}></div>`)}
    ${short && why && html`<details data-testid="why-not-full"><summary>${t("full.title")}</summary>
      <div class="stack tight">${people.asked.length > 0 && html`<p><b>${said(why)}</b></p>`}<${WhyPanel} why=${why} /></div></details>`}</section>`;
}

/** Why the gig is short of people, asked again when somebody joins or answers, and now and then; null until known. */
function useWhy(gig, short, asked) {
  const [why, setWhy] = useState(null);
  useEffect(() => {
    if (!short) return undefined;
    // What cannot be told now is told the next time; the rest of the page does not depend on it.
    const load = () => api.get(`/gigs/${gig.id}/why`).then(setWhy, () => {});
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, [gig.id, gig.filled, short, asked]);
  return why;
}

/** Why it is not full yet and what happens next, without hurry. */
function calmWords(gig, { asked, seated }, why) {
  const free = gig.headcount - gig.filled;
  if (gig.status === "open" && asked.length) return t("calm.asked", { n: asked.length, free });
  if (gig.status === "open") return openWords(gig, why, free);
  if (gig.status === "completed" && seated.length && !seated.some(unpaid)) {
    return t(seated.every(({ status }) => status === "settled") ? "calm.settled" : "calm.paid");
  }
  return t(`calm.${gig.status}`, { n: gig.filled });
}

/** Nobody is being asked: the reason as the last round had it. Where something would help, nobody is told to lean back. */
function openWords(gig, why, free) {
  const until = `${day(gig.recruit_until)} ${clock(gig.recruit_until)}`;
  if (why?.reason === "off_road") return t("calm.open.road", { free, why: said(why) });
  if (!SEARCHES.includes(why?.reason)) return t("calm.open", { free, until, end: t("calm.easy") });
  const [help] = why.advice;
  // The sentence of too few says itself how many are missing.
  const words = why.reason === "too_few" ? "calm.open.few" : "calm.open.why";
  return t(words, { free, until, why: said(why), end: help ? said(help) : t("calm.easy") });
}
