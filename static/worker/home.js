/** One tap to look for work, and calm words while nothing has come yet. */
import { html, signal, useState } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock, duration, span } from "../lib/format.js";
import { Button, Empty, Notice } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { toastProblem } from "../ui/toast.js";
import { city } from "../ui/shell.js";
import { CrewWaits } from "../ui/crewwaits.js";
import { advice, assignments, crew, listOf, me, missed, setPresence } from "./market.js";
import { choose, consented, locate, source } from "./position.js";

/** consent | station | null: which question is open. */
const asking = signal(null);
const busy = signal(false);

async function goFrom(kind, point) {
  busy.value = true;
  asking.value = null;
  await setPresence({ status: "available", position: point }).then(() => choose(kind, point), toastProblem);
  busy.value = false;
}

async function goByGps() {
  busy.value = true;
  asking.value = null;
  const point = await locate().catch(() => null);
  busy.value = false;
  if (point) return goFrom("gps", point);
  if (city.value?.demo) return goFrom("centre", city.value.center);
  asking.value = "station";
}

async function rest() {
  busy.value = true;
  await setPresence({ status: "offline" }).catch(toastProblem);
  busy.value = false;
}

const Consent = () => html`<${Dialog} title=${t("consent.title")} onClose=${() => (asking.value = null)} testid="consent">
  <p>${t("consent.why")}</p>
  <ul class="plain"><li>${t("consent.when")}</li><li>${t("consent.who")}</li><li>${t("consent.stop")}</li></ul>
  <${Button} big tone="primary" onClick=${goByGps} data-testid="consent-yes">${t("consent.yes")}</${Button}>
  <${Button} big tone="plain" onClick=${() => (asking.value = "station")} data-testid="consent-station">
    ${t("consent.station")}</${Button}>
</${Dialog}>`;

const Stations = () => html`<${Dialog} title=${t("station.title")} onClose=${() => (asking.value = null)} testid="stations">
  <p>${t("station.why")}</p>
  <ul class="stack tight">
    ${listOf("stations").value.map((station) => html`<li key=${station.id}>
      <${Button} big tone="plain" icon="pin" data-testid=${`station-${station.id}`}
        onClick=${() => goFrom("station", station.position)}>${named(station)}</${Button}></li>`)}
  </ul>
  <${Button} big tone="plain" onClick=${() => (asking.value = null)}>${t("back")}</${Button}>
</${Dialog}>`;

function Resting() {
  const go = () => (consented() || source.value === "centre" ? goByGps() : (asking.value = "consent"));
  return html`<section class="centre stack">
    <button type="button" class="go" disabled=${busy.value} onClick=${go} data-testid="go-available">
      <span>${busy.value ? t("go.wait") : t("go")}</span><small>${t("go.hint")}</small>
    </button>
    <p class="muted">${t("go.resting")}</p>
    <${Button} tone="plain" icon="pin" onClick=${() => (asking.value = "station")} data-testid="go-station">
      ${t("go.station")}</${Button}>
  </section>`;
}

function Waiting() {
  const { presence } = me.value;
  const waited = (second.value - Date.parse(presence.since)) / 1000;
  return html`<section class="centre stack" data-testid="waiting">
    <div class="breath" aria-hidden="true"><i></i><i></i></div>
    <h1>${t("waiting.title")}</h1>
    <p>${t("waiting.since", { at: clock(presence.since), time: duration(waited) })}</p>
    <${Notice}><span data-testid="sharing">${presence.station_id ? t("share.hall") : t(`share.${source.value}`)}</span></${Notice}>
    <${CrewWaits} crew=${crew.value} />
    ${advice.value && html`<p data-testid="advice">${named(advice.value)}</p>`}
    <p class="muted">${t("waiting.calm", { n: Math.round((city.value?.circle_s ?? 900) / 60) })}</p>
    <${Button} big tone="plain" busy=${busy.value} onClick=${rest} data-testid="go-offline">${t("rest")}</${Button}>
    <p class="muted small">${t("rest.hint")}</p>
  </section>`;
}

/** The next gig, or the one being worked, so that it is never a tab away. */
function Next() {
  const open = assignments.value.filter(({ status }) => status === "confirmed" || status === "checked_in");
  const next = open.sort((a, b) => Date.parse(a.gig.starts_at) - Date.parse(b.gig.starts_at))[0];
  if (!next) return null;
  return html`<a class="card next" href="#gigs" data-testid="next-gig">
    <span class="muted">${t(next.status === "checked_in" ? "next.now" : "next")}</span>
    <h2>${next.gig.title}</h2>
    <p>${span(next.gig.starts_at, next.gig.ends_at)}</p>
    <p class="muted">${next.gig.site?.address}</p>
  </a>`;
}

const ENDS = { expired: "expired", cancelled_by_employer: "off" };

export function Home() {
  const [dismissed, dismiss] = useState(null);
  const { status } = me.value.presence;
  const late = missed.value && missed.value.id !== dismissed ? missed.value : null;
  return html`
    ${late && html`<${Notice}><div class="stack tight">
      <p>${t(`missed.${ENDS[late.status] ?? "withdrawn"}`, { title: late.gig.title })}</p>
      <${Button} tone="plain" onClick=${() => dismiss(late.id)}>${t("understood")}</${Button}></div></${Notice}>`}
    <${Next} />
    ${status === "offline" && html`<${Resting} />`}
    ${(status === "available" || status === "offered") && html`<${Waiting} />`}
    ${status === "engaged" && html`<${Empty} icon="check" title=${t("engaged.title")}>${t("engaged.why")}</${Empty}>`}
    ${asking.value === "consent" && html`<${Consent} />`}
    ${asking.value === "station" && html`<${Stations} />`}`;
}
