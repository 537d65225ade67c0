/** Stations with their kiosks; a screen joins by the code it shows, and is shut out by one tap. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { Button, Field, Notice, typed } from "../ui/controls.js";
import { Confirm } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { account, role, session, stations } from "./desk.js";
import { shownStations } from "./region.js";
import { pick } from "./coverage.js";

export function Stations() {
  const [kiosks, setKiosks] = useState(null);
  const [problem, setProblem] = useState(null);
  // A server without kiosks of this kind answers 404: then the page says nothing of them.
  const load = () => session.value.api.get("/kiosks").then(({ items }) => setKiosks(items), (bad) => bad.status !== 404 && bad.status !== 405 && setProblem(bad));
  useEffect(() => void load(), []);
  return html`<section class="card stack" data-testid="stations"><div><h1>${t("part.stations")}</h1><p class="muted">${t("stations.how")}</p></div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${kiosks && html`<${Enrol} onDone=${load} />`}
    <ul class="todo">${shownStations.value.map((station) => html`<li key=${station.id} data-testid="station">
      <div class="grow"><p class="strong">${named(station)}</p><p class="muted">${[station.town, station.village, station.address].filter(Boolean).join(" · ")}${station.approximate ? ` · ${t("stations.approximate")}` : ""}</p>
        ${kiosks?.filter((kiosk) => kiosk.station_id === station.id).map((kiosk) => html`<${Kiosk} key=${kiosk.id} kiosk=${kiosk} onDone=${load} />`)}</div>
      <a class="button plain" href="#map" onClick=${() => pick(station)}>${t("stations.reach")}</a></li>`)}</ul></section>`;
}

/** The code on the new screen, and where that stands. */
function Enrol({ onDone }) {
  const [code, setCode] = useState("");
  const [station, setStation] = useState(account.value?.station_id ?? "");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const approve = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    await session.value.api.post("/kiosks/enrolments/approve", { code, station_id: station }).then(() => {
      toast(t("kiosks.approved"));
      setCode("");
      onDone();
    }, setProblem);
    setBusy(false);
  };
  return html`<form class="slip stack" onSubmit=${approve}><h2>${t("kiosks.enrol")}</h2><p class="muted">${t("kiosks.enrol.how")}</p>
    <div class="row"><div class="grow"><${Field} label=${t("kiosks.code")}><input class="input digits" inputmode="numeric" autocomplete="off" maxlength="8" value=${code} data-testid="kiosk-code"
        onInput=${(event) => setCode(typed(event).replace(/\D/g, ""))} /></${Field}></div>
      <div class="grow"><${Field} label=${t("reach.station")}><select class="input" value=${station} disabled=${role.value === "clerk"} data-testid="kiosk-station" onChange=${(event) => setStation(event.target.value)}>
        <option value="">${t("reach.none")}</option>${stations.value.map((each) => html`<option key=${each.id} value=${each.id}>${named(each)}</option>`)}</select></${Field}></div></div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Button} tone="primary" type="submit" busy=${busy} disabled=${code.length < 4 || !station} data-testid="kiosk-approve">${t("kiosks.approve")}</${Button}></form>`;
}

function Kiosk({ kiosk, onDone }) {
  const [asking, setAsking] = useState(false);
  const revoke = () => session.value.api.post(`/kiosks/${kiosk.id}/revoke`).then(() => {
    toast(t("kiosks.revoked"));
    setAsking(false);
    onDone();
  }, (bad) => toast(explain(bad)));
  return html`<div class="row apart" data-testid="kiosk"><span>${kiosk.name} · ${t("kiosks.since", { at: `${day(kiosk.created_at)} ${clock(kiosk.created_at)}` })}</span>
    ${kiosk.revoked_at ? html`<span class="pill">${t("kiosks.out")}</span>`
      : html`<${Button} tone="danger" onClick=${() => setAsking(true)} data-testid="kiosk-revoke">${t("kiosks.revoke")}</${Button}>`}
    ${asking && html`<${Confirm} title=${t("kiosks.revoke.title", { name: kiosk.name })} danger yes=${t("kiosks.revoke")} onYes=${revoke} onNo=${() => setAsking(false)} testid="revoke"><p>${t("kiosks.revoke.what")}</p></${Confirm}>`}</div>`;
}
