/** Accounts at the desk: found by number, kept out and let in again; a worker's priority groups. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { Button, Chips, Choice, Field, Notice, typed } from "../ui/controls.js";
import { Confirm } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { role, session, stationName } from "./desk.js";
import { PlaceDialog } from "./place.js";
import { WhyDialog } from "./why.js";

const DOCUMENTS = ["identity", "residence", "graduation", "discharge", "hardship", "poverty", "disability"];

/** A number, and the account behind it. `roles`: which kinds may be asked for. */
export function FindWorker({ onFound, roles = ["worker"] }) {
  const [phone, setPhone] = useState("");
  const [kind, setKind] = useState(roles[0]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const find = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    await session.value.api.post("/accounts/find", { role: kind, phone }).then(onFound, setProblem);
    setBusy(false);
  };
  return html`<form class="stack" onSubmit=${find} noValidate>
    ${roles.length > 1 && html`<${Choice} label=${t("people.kind")} testid="find-role" chosen=${kind} onChange=${setKind}
      options=${roles.map((value) => ({ value, label: t(`people.${value}`) }))} />`}
    <${Field} label=${t("people.phone")} hint=${t("people.audited")}><input class="input digits" type="tel" inputmode="tel" autocomplete="off" maxlength="20" value=${phone}
      data-testid="find-phone" onInput=${(event) => setPhone(typed(event).replace(/[^\d+]/g, ""))} /></${Field}>
    ${problem && html`<${Notice} tone="bad">${problem.code === "not-found" ? t("people.unknown") : explain(problem)}</${Notice}>`}
    <${Button} big tone="primary" type="submit" busy=${busy} disabled=${!/^\+?\d{5,20}$/.test(phone)} data-testid="find-go">${t("people.find")}</${Button}></form>`;
}

export function People() {
  const [found, setFound] = useState(null);
  const roles = role.value === "staff" ? ["worker", "employer", "clerk"] : ["worker"];
  return html`<section class="card stack" data-testid="people"><div><h1>${t("part.people")}</h1><p class="muted">${t("people.how")}</p></div>
    <div class="beside"><${FindWorker} roles=${roles} onFound=${setFound} />
      ${found ? html`<${Account} key=${found.id} account=${found} onChange=${setFound} />` : html`<p class="muted">${t("people.unsought")}</p>`}</div>
  </section>`;
}

function Account({ account, onChange }) {
  const [doing, setDoing] = useState(null);
  const out = account.suspended_at !== null;
  const worker = { worker_id: account.id, name: account.name };
  return html`<div class="stack slip" data-testid="account">
    <div class="row apart"><h2>${account.name}</h2>
      <span class=${`pill ${out ? "bad" : "good"}`} data-testid="account-state">${out ? t("people.out", { at: `${day(account.suspended_at)} ${clock(account.suspended_at)}` }) : t("people.in")}</span></div>
    <p class="muted">${t(`people.${account.role}`)}${account.station_id ? ` · ${named(stationName(account.station_id))}` : ""}</p>
    ${account.role === "worker" && html`<div class="row">
      <${Button} tone="primary" onClick=${() => setDoing("place")} data-testid="account-place">${t("tasks.waiting.act")}</${Button}>
      <${Button} onClick=${() => setDoing("why")} data-testid="account-why">${t("tasks.why")}</${Button}></div>
      <${Groups} worker=${account.id} />`}
    ${role.value === "staff" && html`<${Button} tone=${out ? "" : "danger"} onClick=${() => setDoing("suspend")} data-testid="account-suspend">${t(out ? "people.restore" : "people.suspend")}</${Button}>`}
    ${doing === "place" && html`<${PlaceDialog} worker=${worker} onClose=${() => setDoing(null)} />`}
    ${doing === "why" && html`<${WhyDialog} worker=${worker} onClose=${() => setDoing(null)} />`}
    ${doing === "suspend" && html`<${Suspend} account=${account} out=${out} onClose=${() => setDoing(null)} onDone=${(next) => { setDoing(null); onChange(next); }} />`}
  </div>`;
}

/** Both ways ask for a reason and say what will happen. */
function Suspend({ account, out, onClose, onDone }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const send = async () => {
    if (!reason.trim()) return setProblem({ code: "validation", errors: [{ path: "reason" }] });
    setBusy(true);
    await session.value.api.post(`/accounts/${account.id}/${out ? "restore" : "suspend"}`, { reason: reason.trim() }).then((next) => {
      toast(t(out ? "people.restored" : "people.suspended", { name: account.name }));
      onDone(next);
    }, setProblem);
    setBusy(false);
  };
  const what = out ? "people.restore.what" : `people.suspend.what.${account.role}`;
  return html`<${Confirm} title=${t(out ? "people.restore.title" : "people.suspend.title", { name: account.name })} danger=${!out} busy=${busy}
    yes=${t(out ? "people.restore" : "people.suspend")} onYes=${send} onNo=${onClose} testid="suspend">
    <div class="stack"><p>${t(what)}</p>
      <${Field} label=${t("call.reason")} hint=${t("call.kept")}><input class="input" maxlength="200" value=${reason} data-testid="suspend-reason"
        onInput=${(event) => setReason(event.target.value)} /></${Field}>
      ${problem && html`<${Notice} tone="bad">${problem.code === "validation" ? t("people.reason.needed") : explain(problem)}</${Notice}>`}</div></${Confirm}>`;
}

function Groups({ worker }) {
  const [known, setKnown] = useState([]);
  const [chosen, setChosen] = useState(null);
  const [document, setDocument] = useState("identity");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    const { api } = session.value;
    api.get("/rules").then((rules) => setKnown(rules.groups), setProblem);
    api.get(`/workers/${worker}/groups`).then((view) => setChosen(view.groups), setProblem);
  }, []);
  const save = async () => {
    setBusy(true);
    await session.value.api.put(`/workers/${worker}/groups`, { groups: chosen, document }).then(() => toast(t("people.groups.done")), setProblem);
    setBusy(false);
  };
  if (!chosen) return problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`;
  return html`<div class="stack tight" data-testid="groups"><h3>${t("people.groups")}</h3>
    <${Chips} label=${t("people.groups")} testid="group" chosen=${chosen} onChange=${setChosen} options=${known.map((group) => ({ value: group.code, label: named(group) }))} />
    <${Field} label=${t("people.document")}><select class="input" value=${document} data-testid="group-document" onChange=${(event) => setDocument(event.target.value)}>
      ${DOCUMENTS.map((code) => html`<option key=${code} value=${code}>${t(`document.${code}`)}</option>`)}</select></${Field}>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Button} busy=${busy} onClick=${save} data-testid="group-save">${t("people.groups.save")}</${Button}></div>`;
}
