/** Whom a worker looks for work with: come in by a code, see who is there, lead or leave. */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock } from "../lib/format.js";
import { Button, Field, Notice, typed } from "./controls.js";
import { Confirm } from "./dialog.js";
import { Keypad } from "./keypad.js";

/** @import * as Wire from "../lib/protocol.d.ts" */

/**
 * @param {object} props
 * @param {Wire.CrewView | null} props.crew
 * @param {(step: string, args?: object) => Promise<unknown>} props.step "" opens a crew or its code anew; join, leave, remove
 * @param {string} props.me the worker's own id
 * @param {boolean} [props.still] at a kiosk: digits by its own keys
 */
export function Crew({ crew, step, me, still }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [asking, setAsking] = useState(null);
  const act = async (name, args) => {
    setBusy(true);
    setProblem(null);
    setAsking(null);
    await step(name, args).catch(setProblem);
    setBusy(false);
  };
  const alone = !crew || crew.members.length < 2;
  return html`<div class="stack" data-testid="crew">
    ${alone && html`<p class="muted">${t("crew.what")}</p>`}
    ${!alone && html`<ul class="stack tight">${crew.members.map((each) => html`<${Member} key=${each.worker_id} member=${each} me=${me}
      out=${crew.leads && each.worker_id !== me && (() => setAsking(each))} />`)}</ul>`}
    ${crew?.leads && html`<${Code} crew=${crew} busy=${busy} again=${() => act("")} />`}
    ${!crew && html`<${Button} big tone="primary" busy=${busy} onClick=${() => act("")} data-testid="crew-open">${t("crew.open")}</${Button}>`}
    ${!crew && html`<${Join} busy=${busy} still=${still} join=${(code) => act("join", { code })} />`}
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${crew && html`<${Button} big tone="plain" disabled=${busy} onClick=${() => setAsking("me")} data-testid="crew-leave">${t("crew.leave")}</${Button}>`}
    ${asking === "me" && html`<${Confirm} title=${t("crew.leave.title")} yes=${t("crew.leave")} danger onYes=${() => act("leave")}
      onNo=${() => setAsking(null)} testid="crew-leave-ask"><p>${t("crew.leave.what")}</p></${Confirm}>`}
    ${asking?.worker_id && html`<${Confirm} title=${t("crew.out.title", { name: asking.name })} yes=${t("crew.out")} danger
      onYes=${() => act("remove", { worker_id: asking.worker_id })} onNo=${() => setAsking(null)} testid="crew-out-ask">
      <p>${t("crew.out.what")}</p></${Confirm}>`}
  </div>`;
}

const Member = ({ member, me, out }) => html`<li class="row apart person" data-testid="crew-member" data-looking=${member.looking}>
  <span class="grow"><b>${member.name}</b> ${member.worker_id === me && html`<span class="muted">${t("crew.me")}</span>`}
    ${member.leads && html` <span class="pill">${t("crew.leads")}</span>`}</span>
  <span class=${`pill ${member.looking ? "good" : "wait"}`}>${t(member.looking ? "crew.looking" : "crew.resting")}</span>
  ${out && html`<${Button} tone="plain" onClick=${out} data-testid="crew-out">${t("crew.out")}</${Button}>`}</li>`;

function Code({ crew, busy, again }) {
  const good = second.value < Date.parse(crew.code_until);
  return html`<section class="stack tight">
    <p>${t("crew.tell")}</p>
    ${good && html`<p class="big-code" data-testid="crew-code" aria-label=${[...crew.code].join(" ")}>${crew.code}</p>`}
    <p class="muted">${good ? t("crew.until", { at: clock(crew.code_until) }) : t("crew.old")}</p>
    <${Button} tone="plain" busy=${busy} onClick=${again} data-testid="crew-again">${t("crew.new")}</${Button}></section>`;
}

function Join({ busy, still, join }) {
  const [code, setCode] = useState("");
  const ready = code.length === 6 && !busy;
  const send = (event) => {
    event?.preventDefault();
    if (ready) join(code);
  };
  return html`<form class="stack tight" onSubmit=${send}>
    <${Field} label=${t("crew.or")}><input class="input digits" inputmode=${still ? "none" : "numeric"} maxlength="6" value=${code}
      aria-label=${t("crew.code.label")} autocomplete="off" data-testid="crew-join-code" onInput=${(e) => setCode(typed(e).replace(/\D/g, ""))} /></${Field}>
    ${still
      ? html`<${Keypad} value=${code} max=${6} onChange=${setCode} ready=${ready} onEnter=${send} enter=${t("crew.join")} enterId="crew-join" />`
      : html`<${Button} big type="submit" busy=${busy} disabled=${!ready} data-testid="crew-join">${t("crew.join")}</${Button}>`}</form>`;
}
