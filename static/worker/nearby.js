/** What is being asked for around me. Nothing to grab here: the market offers, by distance and waiting. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { minutes } from "../lib/format.js";
import { Button, Empty, Notice } from "../ui/controls.js";
import { Pay, GigFacts } from "../ui/offercard.js";
import { city } from "../ui/shell.js";
import { Setup } from "../ui/setup.js";
import { api, listOf, me, setProfile } from "./market.js";
import { areasOf, NearbyMap } from "./nearbymap.js";
import { WhyLink } from "./whylink.js";

const EVERY_MS = 20_000;

export function Nearby() {
  const [gigs, setGigs] = useState(null);
  const [others, setOthers] = useState([]);
  const [editing, setEditing] = useState(false);
  const [problem, setProblem] = useState(null);
  const [area, setArea] = useState(null);
  const load = () =>
    api.get("/gigs/nearby").then(({ items, others: more }) => {
      setGigs(items);
      setOthers(more ?? []);
      setProblem(null);
    }, setProblem);
  useEffect(() => {
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { position, status } = me.value.presence;
  const rows = areasOf(gigs ?? []).find(({ key }) => key === area)?.rows ?? gigs;
  const changed = () => {
    setEditing(false);
    load();
  };
  const more = others.length > 0 && html`<${Others} others=${others} onEdit=${() => setEditing(true)} />`;
  if (editing) return html`<${Setup} profile=${me.value} trades=${listOf("trades").value} onSave=${setProfile} onDone=${changed} />`;
  return html`<div class="row apart"><h1>${t("nearby.title")}</h1>
      <${Button} tone="plain" onClick=${load} data-testid="nearby-refresh">${t("refresh")}</${Button}></div>
    <p class="muted">${t("nearby.how")}</p>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${!position && html`<${Notice}><span data-testid="nearby-unknown">${t("nearby.offline")}</span></${Notice}>`}
    ${position && gigs?.length === 0 && html`<${Nothing} status=${status} />`}
    ${!gigs?.length && more}
    ${city.value && (gigs?.length > 0 || position) && html`<${NearbyMap} api=${api} rows=${gigs ?? []} here=${position} centre=${city.value.center}
      stations=${listOf("stations").value} chosen=${area} onChoose=${setArea} />`}
    ${rows !== gigs && html`<${Button} tone="plain" onClick=${() => setArea(null)} data-testid="nearby-all">${t("nearby.all", { n: gigs.length })}</${Button}>`}
    <ul class="stack" data-testid="nearby">${rows?.map(({ gig, travel_s, estimated, free_seats }) => html`<li class="card" key=${gig.id}>
      <div class="row apart"><h3 class="title">${gig.title}</h3>
        <span class="pill good">${t("nearby.minutes", { n: minutes(travel_s) })}</span></div>
      <${Pay} gig=${gig} />
      <${GigFacts} gig=${gig} travel=${travel_s} estimated=${estimated} mode=${me.value.mode} />
      <p class="muted">${t("nearby.seats", { n: free_seats })}</p>
      <${WhyLink} words="why.notme" path=${`/workers/me/why-not?gig=${encodeURIComponent(gig.id)}`} gig=${gig} />
    </li>`)}</ul>
    ${gigs?.length > 0 && more}`;
}

/** Nothing of my trades: what that means for who looks for work, rests or is at work. */
const Nothing = ({ status }) => html`<div data-testid="nearby-none"><${Empty} icon="pin"
  title=${t("nearby.none", { n: Math.round((city.value?.circle_s ?? 900) / 60) })}>${t(STATE[status] ?? STATE.available)}</${Empty}></div>`;

const STATE = { available: "nearby.none.looking", offline: "nearby.none.resting", engaged: "nearby.none.engaged" };

/** What only a trade more would bring, so that an empty list does not look like an empty city. */
function Others({ others, onEdit }) {
  const name = (code) => named(listOf("trades").value.find((trade) => trade.code === code)) || code;
  const list = others.map(({ trade, seats }) => t("nearby.others.one", { trade: name(trade), n: seats })).join(t("nearby.others.and"));
  return html`<${Notice}><div class="stack tight"><p data-testid="nearby-others">${t("nearby.others", { list })}</p>
    <${Button} onClick=${onEdit} data-testid="nearby-trades">${t("nearby.others.add")}</${Button}></div></${Notice}>`;
}
