/** The station's shared screen: hall board, identification, and what a worker does here. */
import { effect, html, render } from "../lib/html.js";
import { addWords, named, t } from "../lib/i18n.js";
import { gig } from "../lib/zh-gig.js";
import { hall } from "../lib/zh-hall.js";
import { second } from "../lib/clock.js";
import { clock, day } from "../lib/format.js";
import { keepFiles } from "../lib/keeper.js";
import { allowSoundAfterTap } from "../lib/speak.js";
import { later, soon } from "../ui/later.js";
import { lineOf } from "../ui/line.js";
import { city, LangSwitch, loadCity } from "../ui/shell.js";
import { onePressAtAPlace } from "../ui/taps.js";
import { toast, Toasts, toastProblem } from "../ui/toast.js";
import { Calling, readOnTouch } from "./aloud.js";
import { Board, Kept } from "./board.js";
import { clerk, kiosk, live, station } from "./hall.js";
import { IdleWarning, startIdle } from "./idle.js";
import { reconcile, waitingToSend } from "./kept.js";
import { idNumber, leaveAll, person, scan, screen } from "./person.js";
import { listenToScanner } from "./wedge.js";

const LEAF = new URL("../ui/leaf.svg", import.meta.url).href;
const AGAIN_MS = 20_000;
const SHUT_OUT = 4503;

const desk = (name) => later(() => import("./desk.js"), name);
const papers = (name) => later(() => import("./paper.js"), name);
const KioskSetup = later(() => import("./setup.js"), "KioskSetup");
const OPEN = {
  hall: Board, identify: later(() => import("./identify.js"), "Identify"), help: desk("Help"), paper: papers("Offline"),
  clerk: later(() => import("./clerk.js"), "Clerk"),
};
const OWN = {
  menu: desk("Menu"), gigs: desk("Gigs"), crew: desk("Together"), joined: desk("Joined"), taken: desk("Taken"), setup: desk("Profile"),
  ticket: papers("TicketPage"), reprint: desk("Tickets"),
};

/** A screen that needs somebody is never drawn without. */
const current = () => (person.value && OWN[screen.value]) || OPEN[screen.value] || Board;

const Head = ({ line }) => html`<header class=${line ? "head down" : "head"}>
  ${line ?? html`<img src=${LEAF} alt="" />
  <div><b>${named(station.value) || t("brand", { city: named(city.value) })}</b><span>${t("kiosk.title")}</span></div>`}
  <time>${day(second.value)} <b>${clock(second.value)}</b></time>
  <${LangSwitch} />
</header>`;

function Page() {
  const View = current();
  const inside = kiosk.account.value
    ? html`<main class="kiosk" data-screen=${screen.value}><${View} /></main><${IdleWarning} />
        ${screen.value === "hall" && html`<${Calling} />`}`
    : html`<main class="kiosk narrow"><${KioskSetup} /></main>`;
  const line = kiosk.account.value ? lineOf(live.status.value, live.start, "kiosk.offline") : null;
  return html`<${Head} line=${line} />${inside}<${Toasts} />`;
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
onePressAtAPlace();
await addWords({ ...gig, ...hall }, async () => ({
  ...(await import("../lib/en-gig.js")).gig,
  ...(await import("../lib/en-hall.js")).hall,
}));
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
soon([OPEN.identify, ...Object.values(OWN), OPEN.help, OPEN.paper, Kept]);
kiosk.restore();
clerk.restore();
keepFiles("kiosk");
