/** A clerk turns this screen into a kiosk of a station, and is logged out of it at once. */
import { effect, html, signal, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { Gate, Login } from "../lib/login.js";
import { Button, Notice } from "../ui/controls.js";
import { clerk, kiosk } from "./hall.js";

export const trades = signal([]);
const stations = signal([]);

async function enrol(station_id) {
  const session = await clerk.api.post("/kiosks", station_id ? { station_id } : {});
  await clerk.logOut();
  kiosk.account.value = session.account;
}

effect(() => {
  if (clerk.account.value && !clerk.account.value.station_id) {
    clerk.api.get("/stations").then(({ items }) => (stations.value = items), () => {});
  }
  if (kiosk.account.value) kiosk.api.get("/trades").then(({ items }) => (trades.value = items), () => {});
});

export function KioskSetup() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  if (kiosk.account.value === undefined) return html`<${Gate} session=${kiosk} />`;
  const account = clerk.account.value;
  if (!account) {
    return html`<${Login} session=${clerk} role="clerk" intro=${t("kiosk.setup.intro")} onDemo=${() => kiosk.demo("kiosk")} />`;
  }
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
