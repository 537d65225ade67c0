/** The hall board: who is called up, who waits, and the way in. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock, duration, secondsLeft } from "../lib/format.js";
import { soundOn } from "../lib/speak.js";
import { Button, Empty } from "../ui/controls.js";
import { later } from "../ui/later.js";
import { called, waiting } from "./hall.js";
import { kept } from "./kept.js";
import { screen } from "./person.js";

const CallUp = ({ offer }) => html`<li class="callup" data-testid="callup" data-offer=${offer.id}>
  <p>${t("callup.please")} <b>${offer.worker.name}</b> ${t("callup.come")}</p>
  <p class="muted">${t("callup.kept", { time: duration(secondsLeft(offer.expires_at, second.value)) })}</p>
</li>`;

/** Seldom there: nothing to wait for at the first screen. */
export const Kept = later(() => import("./keptlist.js"), "Kept");

/** More would not fit the screen; the next ones move up within seconds. */
const SHOWN = 6;

function CallUps() {
  const open = called.value.filter((offer) => secondsLeft(offer.expires_at, second.value) > 0);
  if (!open.length) return html`<${Empty} icon="sound" title=${t("callup.none")}>${t("callup.none.why")}</${Empty}>`;
  return html`<ul class=${`callups ${open.length > 2 ? "many" : ""}`}>
      ${open.slice(0, SHOWN).map((offer) => html`<${CallUp} key=${offer.id} offer=${offer} />`)}</ul>
    ${open.length > SHOWN && html`<p class="strong">${t("callup.more", { n: open.length - SHOWN })}</p>`}`;
}

export const Board = () => html`<div class="hall">
  <section class="stack" aria-live="assertive">
    <h2>${t("callup.title")}</h2>
    <${CallUps} />
  </section>
  <section class="stack">
    <h2>${t("hall.waiting", { n: waiting.value.length })}</h2>
    ${waiting.value.length
      ? html`<ul class="waiters">${waiting.value.map(({ id, name, since }) => html`<li key=${id}><b>${name}</b>
          <span class="muted">${t("hall.since", { at: clock(since) })}</span></li>`)}</ul>`
      : html`<p class="muted">${t("hall.none")}</p>`}
  </section>
  <section class="doors stack">
    <${Button} big tone="primary" class="start" icon="leaf" onClick=${() => (screen.value = "identify")} data-testid="kiosk-start">
      ${t("kiosk.start")}</${Button}>
    <${Button} big tone="plain" icon="help" onClick=${() => (screen.value = "help")} data-testid="kiosk-help">${t("menu.help")}</${Button}>
    ${kept.value.length > 0 && html`<${Kept} />`}
    <p class="muted">${t("kiosk.scan")} ${t("kiosk.free")} ${soundOn.value ? "" : t("kiosk.sound")}</p>
  </section>
</div>`;
