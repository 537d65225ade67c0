/** The station's shared screen: hall board, identification, and what a worker does here. */
import { effect, html, render, useEffect, useState } from "../lib/html.js";
import { addWords, named, t } from "../lib/i18n.js";
import { hall } from "../lib/zh-hall.js";
import { second } from "../lib/clock.js";
import { clock, day } from "../lib/format.js";
import { keepFiles } from "../lib/keeper.js";
import { allowSoundAfterTap } from "../lib/speak.js";
import { city, LangSwitch, LineBanner, loadCity } from "../ui/shell.js";
import { toast, Toasts, toastProblem } from "../ui/toast.js";
import { Calling, readOnTouch } from "./aloud.js";
import { Board } from "./board.js";
import { Gigs, Help, Joined, Menu, Profile, Taken, Tickets } from "./desk.js";
import { clerk, kiosk, live, station } from "./hall.js";
import { Identify } from "./identify.js";
import { IdleWarning, startIdle } from "./idle.js";
import { reconcile, waitingToSend } from "./kept.js";
import { Offline, TicketPage } from "./paper.js";
import { idNumber, leaveAll, person, scan, screen } from "./person.js";
import { KioskSetup } from "./setup.js";
import { listenToScanner } from "./wedge.js";

const AGAIN_MS = 20_000;
const SHUT_OUT = 4503;

/** Loaded when a clerk asks for it. */
function Clerk() {
  const [part, setPart] = useState(null);
  useEffect(() => void import("./clerk.js").then((loaded) => setPart(() => loaded.Clerk), () => toast(t("kiosk.offline"))), []);
  return part ? html`<${part} />` : html`<p class="muted" role="status">${t("loading")}</p>`;
}

const OPEN = { hall: Board, identify: Identify, help: Help, paper: Offline, clerk: Clerk };
const OWN = { menu: Menu, gigs: Gigs, joined: Joined, taken: Taken, setup: Profile, ticket: TicketPage, reprint: Tickets };

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
        <main class="kiosk" data-screen=${screen.value}><${View} /></main><${IdleWarning} />
        ${screen.value === "hall" && html`<${Calling} />`}`
    : html`<main class="kiosk narrow"><${KioskSetup} /></main>`;
  return html`<${Head} />${inside}<${Toasts} />`;
}

effect(() => {
  if (kiosk.account.value) live.start();
  else live.stop();
});
effect(() => {
  const { name, code } = live.status.value;
  if (name !== "logged-out" && !(name === "stopped" && code === SHUT_OUT)) return;
  leaveAll();
  kiosk.ended();
});
effect(() => {
  if (live.status.value.name === "live") reconcile();
});
effect(() => {
  document.title = `${named(station.value) || t("kiosk.title")}`;
});
allowSoundAfterTap();
readOnTouch();
listenToScanner({
  onPass: (code) => kiosk.account.value && scan(code).catch((problem) => (problem.code === "wrong-code" ? toast(t("paper.bad")) : toastProblem(problem))),
  onIdNumber: (number) => {
    if (!kiosk.account.value) return;
    // The clerk's form takes it as it is; everywhere else somebody wants to come in.
    if (screen.value !== "clerk") {
      leaveAll();
      screen.value = "identify";
    }
    idNumber.value = number;
  },
});
setInterval(() => waitingToSend.value.length && live.status.value.name === "live" && reconcile(), AGAIN_MS);
startIdle();
await addWords(hall, async () => (await import("../lib/en-hall.js")).hall);
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
kiosk.restore();
clerk.restore();
keepFiles("kiosk");
