/** The station's shared screen: hall board, identification, and what a worker does here. */
import { effect, html, render } from "../lib/html.js";
import { addWords, named, t } from "../lib/i18n.js";
import { hall } from "../lib/zh-hall.js";
import { second } from "../lib/clock.js";
import { clock, day } from "../lib/format.js";
import { allowSoundAfterTap } from "../lib/speak.js";
import { city, LangSwitch, LineBanner, loadCity } from "../ui/shell.js";
import { Toasts } from "../ui/toast.js";
import { Board } from "./board.js";
import { Gigs, Help, Joined, Menu, Profile, Taken } from "./desk.js";
import { clerk, kiosk, live, station } from "./hall.js";
import { Identify } from "./identify.js";
import { IdleWarning, startIdle } from "./idle.js";
import { leave, person, screen } from "./person.js";
import { KioskSetup } from "./setup.js";

const OPEN = { hall: Board, identify: Identify, help: Help };
const OWN = { menu: Menu, gigs: Gigs, joined: Joined, taken: Taken, setup: Profile };

/** A screen that needs somebody is never drawn without. */
const current = () => (person.value && OWN[screen.value]) || OPEN[screen.value] || Board;

const Head = () => html`<header class="head">
  <img src="/static/ui/leaf.svg" alt="" />
  <div><b>${named(station.value) || t("brand", { city: named(city.value) })}</b><span>${t("kiosk.title")}</span></div>
  <time>${day(second.value)} <b>${clock(second.value)}</b></time>
  <${LangSwitch} />
</header>`;

function Page() {
  const View = current();
  const inside = kiosk.account.value
    ? html`<${LineBanner} status=${live.status.value} again=${live.start} waiting="kiosk.offline" />
        <main class="kiosk" data-screen=${screen.value}><${View} /></main><${IdleWarning} />`
    : html`<main class="kiosk narrow"><${KioskSetup} /></main>`;
  return html`<${Head} />${inside}<${Toasts} />`;
}

effect(() => {
  if (kiosk.account.value) live.start();
  else live.stop();
});
effect(() => {
  if (live.status.value.name !== "logged-out") return;
  leave();
  kiosk.ended();
});
effect(() => {
  document.title = `${named(station.value) || t("kiosk.title")}`;
});
allowSoundAfterTap();
startIdle();
await addWords(hall, async () => (await import("../lib/en-hall.js")).hall);
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
kiosk.restore();
clerk.restore();
