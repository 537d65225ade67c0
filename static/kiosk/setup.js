/** A new screen: it shows a code until staff or a clerk approve it; or a clerk logs in here, once. */
import { effect, html, signal, useEffect, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { fill } from "../lib/lists.js";
import { Button, Notice, useAttempt } from "../ui/controls.js";
import { Gate } from "../ui/gate.js";
import { later } from "../ui/later.js";
import { city } from "../ui/shell.js";
import { clerk, kiosk } from "./hall.js";
import "./words.js";

const ByCode = later(() => import("./bycode.js"), "ByCode");
const ASK_MS = 3_000;
const LATER_MS = 15_000;

const stations = signal([]);

async function enrol(station_id) {
  const session = await clerk.api.post("/kiosks", station_id ? { station_id } : {});
  await clerk.logOut();
  kiosk.account.value = session.account;
}

effect(() => {
  const here = clerk.account.value;
  if (here && !here.station_id) fill(stations, () => clerk.api.get("/stations"), () => clerk.account.peek() === here);
});

export function KioskSetup() {
  const [byHand, setByHand] = useState(false);
  // Whether there is a demo's button is the city's to say: one that came later would move the others under a finger.
  if (kiosk.account.value === undefined || !city.value) return html`<${Gate} session=${kiosk} />`;
  if (clerk.account.value) return html`<${Stations} account=${clerk.account.value} />`;
  if (!byHand) return html`<${ShowCode} byHand=${() => setByHand(true)} />`;
  return html`<${ByCode} intro=${t("kiosk.setup.intro")} onDemo=${() => kiosk.demo("kiosk")}
    exits=${html`<${Button} big tone="plain" onClick=${() => setByHand(false)}>${t("back")}</${Button}>`} />`;
}

/** Ask for a code, then every few seconds whether it was approved; a code that ran out is followed by another. */
function useEnrolment() {
  const [made, setMade] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    let current = null;
    let timer = 0;
    let over = false;
    const step = async () => {
      let pause = ASK_MS;
      try {
        if (!current) setMade((current = await kiosk.api.post("/kiosks/enrolments")));
        else {
          const { session } = await kiosk.api.post(`/kiosks/enrolments/${current.id}/claim`, { secret: current.secret });
          if (session) return void (kiosk.account.value = session.account);
        }
        setProblem(null);
      } catch (refusal) {
        if (["not-found", "forbidden"].includes(refusal.code)) setMade((current = null));
        else {
          setProblem(refusal);
          pause = LATER_MS;
        }
      }
      if (!over) timer = setTimeout(step, pause);
    };
    step();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
  return [made, problem];
}

/** What comes later takes no other room than what stood for it: no button moves away from under a finger. */
function ShowCode({ byHand }) {
  const [made, unmade] = useEnrolment();
  const [busy, refused, attempt] = useAttempt();
  const problem = refused ?? unmade;
  return html`<div class="stack"><h1>${t("enrol.title")}</h1><p>${t("enrol.how")}</p>
    <p class="code" aria-live="polite" data-testid="enrol-code" data-code=${made?.code}>${made ? `${made.code.slice(0, 3)} ${made.code.slice(3)}` : "––– –––"}</p>
    <p class="muted">${t("enrol.lasts")}</p>
    ${city.value.demo && html`<${Button} big tone="primary" busy=${busy} onClick=${() => attempt(() => kiosk.demo("kiosk"))}
      data-testid="demo-login">${t("login.demo")}</${Button}>`}
    <${Button} big tone="plain" onClick=${byHand} data-testid="enrol-by-clerk">${t("enrol.clerk")}</${Button}>
    <div class="news">${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</div></div>`;
}

function Stations({ account }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const start = async (station) => {
    setBusy(true);
    setProblem(null);
    await enrol(station).catch((refusal) => {
      setProblem(refusal);
      setBusy(false);
    });
  };
  return html`<div class="stack"><h1>${t("kiosk.setup.title")}</h1><p>${t("kiosk.setup.what")}</p>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${account.station_id
      ? html`<${Button} big tone="primary" busy=${busy} onClick=${() => start()} data-testid="kiosk-enrol">${t("kiosk.setup.go")}</${Button}>`
      : stations.value.map((each) => html`<${Button} big tone="plain" key=${each.id} busy=${busy} data-testid=${`station-${each.id}`}
          onClick=${() => start(each.id)}>${named(each)}</${Button}>`)}
    <${Button} big tone="plain" onClick=${clerk.logOut}>${t("logout")}</${Button}>
  </div>`;
}
