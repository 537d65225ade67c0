/** What is being asked for around me. Nothing to grab here: the market offers, by distance and waiting. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { minutes } from "../lib/format.js";
import { Button, Empty, Notice } from "../ui/controls.js";
import { Pay, GigFacts } from "../ui/offercard.js";
import { city } from "../ui/shell.js";
import { api, listOf, me } from "./market.js";
import { areasOf, NearbyMap } from "./nearbymap.js";
import { WhyLink } from "./whylink.js";

const EVERY_MS = 20_000;

export function Nearby() {
  const [gigs, setGigs] = useState(null);
  const [problem, setProblem] = useState(null);
  const [area, setArea] = useState(null);
  const load = () =>
    api.get("/gigs/nearby").then(({ items }) => {
      setGigs(items);
      setProblem(null);
    }, setProblem);
  useEffect(() => {
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const { position } = me.value.presence;
  const rows = areasOf(gigs ?? []).find(({ key }) => key === area)?.rows ?? gigs;
  return html`<div class="row apart"><h1>${t("nearby.title")}</h1>
      <${Button} tone="plain" onClick=${load} data-testid="nearby-refresh">${t("refresh")}</${Button}></div>
    <p class="muted">${t("nearby.how")}</p>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${!me.value.presence.position && html`<${Notice}>${t("nearby.offline")}</${Notice}>`}
    ${gigs?.length === 0 && html`<${Empty} icon="pin" title=${t("nearby.none")}>${t("nearby.none.why")}</${Empty}>`}
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
    </li>`)}</ul>`;
}
