/** Gigs that are not full and why; and the question why for one worker and one gig. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { span } from "../lib/format.js";
import { Button, Field, Notice } from "../ui/controls.js";
import { said, WhyPanel } from "../ui/funnel.js";

const EVERY_MS = 20_000;
const NUMBERS = ["travel_s", "waited_s", "cost_s", "credit_s", "share"];

export function Unfilled({ api }) {
  const [gigs, setGigs] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    const load = () => api.get("/gigs/unfilled").then(({ items }) => {
      setGigs(items);
      setProblem(null);
    }, setProblem);
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return html`<section class="card" data-testid="unfilled"><h2>${t("unfilled.title")}</h2>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${gigs?.length === 0 && html`<p class="muted">${t("unfilled.none")}</p>`}
    <ul class="stack">${gigs?.map((gig) => html`<${UnfilledGig} key=${gig.gig_id} api=${api} gig=${gig} />`)}</ul>
    <${AskWhy} api=${api} /></section>`;
}

function UnfilledGig({ api, gig }) {
  const [open, setOpen] = useState(false);
  const [detail, setDetail] = useState(null);
  const flip = () => {
    setOpen(!open);
    if (!detail) api.get(`/gigs/${gig.gig_id}/why`).then(setDetail, () => {});
  };
  return html`<li class="stack tight" data-testid="unfilled-gig" data-gig=${gig.gig_id}>
    <div class="row apart"><b>${gig.title} · ${gig.employer}</b>
      <span class="row"><span class="pill bad">${t("unfilled.free", { n: gig.numbers.free_seats })}</span>
        ${gig.asked > 0 && html`<span class="pill wait">${t("unfilled.asked", { n: gig.asked })}</span>`}</span></div>
    <p class="muted small">${span(gig.starts_at, gig.starts_at).split(" – ")[0]} · ${gig.gig_id}</p>
    <p>${said(gig)}</p>
    <${Button} tone="plain" aria-expanded=${open} onClick=${flip} data-testid="unfilled-more">${t(open ? "unfilled.less" : "unfilled.more")}</${Button}>
    ${open && html`<${WhyPanel} why=${gig} />
      ${detail?.considered?.length > 0 && html`<h3>${t("unfilled.considered")}</h3>
        <ul class="stack tight">${detail.considered.map((person) => html`<${Person} key=${person.worker_id} person=${person} />`)}</ul>`}`}
  </li>`;
}

const Person = ({ person }) => html`<li data-testid="considered"><b>${person.name}</b> ${said(person)}
  <p class="muted small">${person.worker_id} · ${NUMBERS.filter((name) => typeof person.numbers[name] === "number")
    .map((name) => t(`desk.number.${name}`, { n: Math.round(person.numbers[name] * 100) / 100 })).join(" · ")}</p></li>`;

/** The reason of one pair, by their numbers. */
function AskWhy({ api }) {
  const [gig, setGig] = useState("");
  const [worker, setWorker] = useState("");
  const [found, setFound] = useState(null);
  const [problem, setProblem] = useState(null);
  const ask = (event) => {
    event.preventDefault();
    setFound(null);
    setProblem(null);
    api.get(`/gigs/${encodeURIComponent(gig.trim())}/why?worker=${encodeURIComponent(worker.trim())}`)
      .then((why) => setFound(why.worker), setProblem);
  };
  return html`<form class="stack tight" onSubmit=${ask}><h3>${t("ask.title")}</h3>
    <${Field} label=${t("ask.gig")}><input class="input" required maxlength="64" value=${gig} data-testid="ask-gig"
      onInput=${(event) => setGig(event.target.value)} /></${Field}>
    <${Field} label=${t("ask.worker")}><input class="input" required maxlength="64" value=${worker} data-testid="ask-worker"
      onInput=${(event) => setWorker(event.target.value)} /></${Field}>
    <button class="button" data-testid="ask-go">${t("ask.go")}</button>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${found && html`<ul class="plain" data-testid="ask-found"><${Person} person=${found} /></ul>`}</form>`;
}
