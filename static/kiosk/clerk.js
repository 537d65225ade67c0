/** Clerk mode: somebody of the station stands here by PIN and acts for a worker (代办); both are recorded. */
import { html, signal, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { Button, Field, Notice, typed, useAttempt } from "../ui/controls.js";
import { Confirm } from "../ui/dialog.js";
import { Keypad } from "../ui/keypad.js";
import { toast } from "../ui/toast.js";
import { ByCode } from "./bycode.js";
import { Back, Frame, Leave } from "./frame.js";
import { clerk } from "./hall.js";
import { Identify } from "./identify.js";
import { actFor, helper, idNumber, leaveAll, startHelping } from "./person.js";
import { Card } from "./ticket.js";

const PHONE = 11;
const PIN = /^\d{4,8}$/;
const page = signal("desk");

export function Clerk() {
  // Of the worker who stands here, for whatever the clerk does next.
  const [phone, setPhone] = useState("");
  useEffect(() => () => (page.value = "desk"), []);
  if (!helper.value) return html`<${Enter} />`;
  if (page.value === "register") return html`<${Register} phone=${phone} setPhone=${setPhone} />`;
  return html`<${Desk} phone=${phone} setPhone=${setPhone} />`;
}

function Enter() {
  const [first, setFirst] = useState(false);
  if (first) return html`<${FirstPin} done=${() => setFirst(false)} />`;
  return html`<${Identify} send=${startHelping} words="clerk">
    <${Button} big tone="plain" onClick=${() => setFirst(true)} data-testid="clerk-no-pin">${t("clerk.none")}</${Button}>
  </${Identify}>`;
}

/** A clerk without a PIN: by a code on their own phone, once. */
function FirstPin({ done }) {
  const [pin, setPin] = useState("");
  const [busy, problem, attempt] = useAttempt();
  useEffect(() => () => clerk.account.value && clerk.logOut(), []);
  const exits = html`<${Back} to=${done} /><${Leave} />`;
  if (!clerk.account.value) return html`<${ByCode} intro=${t("clerk.first")} onDemo=${() => clerk.demo("clerk")} exits=${exits} />`;
  const save = () => attempt(async () => {
    await clerk.api.put("/clerks/me/pin", { pin });
    // The next one at this screen must not find the clerk's own session: it ends before the page goes on.
    await clerk.logOut();
    toast(t("clerk.pin.set"));
    done();
  });
  return html`<${Frame} class="ask" exits=${exits}><section class="stack"><h1>${t("clerk.pin.new")}</h1>
      <p class="digits">${"●".repeat(pin.length) || " "}</p>
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</section>
    <${Keypad} value=${pin} max=${8} onChange=${setPin} ready=${PIN.test(pin) && !busy} onEnter=${save} enter=${t("save")} prefix="clerk" />
  </${Frame}>`;
}

function Desk({ phone, setPhone }) {
  const [lost, setLost] = useState(null);
  const [made, setMade] = useState(null);
  const [busy, problem, attempt] = useAttempt();
  const { api } = helper.value;
  const ready = phone.length === PHONE && !busy;
  const card = () => attempt(async () => setMade(await api.post("/stations/me/cards", { phone })));
  const lose = () => attempt(async () => setLost(await api.post("/accounts/find", { role: "worker", phone })));
  const revoke = () => attempt(async () => {
    const { revoked } = await api.post("/stations/me/cards/revoke", { phone });
    toast(t("card.revoked", { n: revoked }));
  }).then(() => setLost(null));
  useEffect(() => {
    if (made) print();
  }, [made]);
  const exits = html`
    <${Button} big tone="plain" disabled=${!ready} onClick=${card} data-testid="clerk-card">${t("card.print")}</${Button}>
    <${Button} big tone="plain" disabled=${!ready} onClick=${lose} data-testid="clerk-lost">${t("card.lost.do")}</${Button}>
    <${Button} big tone="plain" onClick=${() => (page.value = "register")} data-testid="clerk-register">${t("clerk.register")}</${Button}>
    <${Leave} out=${leaveAll} />`;
  return html`<${Frame} class="ask" testid="clerk-desk" exits=${exits}><section class="stack">
      <p class="for">${t("clerk.here", { clerk: helper.value.name })}</p>
      <h1>${t("clerk.whom")}</h1>
      <p class="digits" aria-live="polite">${phoneGroups(phone) || " "}</p>
      ${problem && html`<${Notice} tone="bad">${problem.code === "not-found" ? t("clerk.unknown") : explain(problem)}</${Notice}>`}
      ${made && html`<div class="printed"><${Card} made=${made} /></div>`}
    </section>
    <${Keypad} value=${phone} max=${PHONE} onChange=${(value) => { setMade(null); setPhone(value); }} ready=${ready} prefix="kiosk"
      onEnter=${() => attempt(() => actFor(phone))} enter=${t("clerk.act")} />
    ${lost && html`<${Confirm} title=${t("card.lost.do")} yes=${t("card.lost.yes")} danger busy=${busy} onYes=${revoke} onNo=${() => setLost(null)} testid="clerk-revoke">
      <p class="strong" data-testid="clerk-lost-whose">${lost.name} · ${phoneGroups(phone)}</p><p>${t("card.lost.what")}</p></${Confirm}>`}
  </${Frame}>`;
}

/** Digits of one of two fields by the keys; touching a field chooses it. */
const Digits = ({ label, hint, value, chosen, onChoose, onInput, testid }) => html`<${Field} label=${label} hint=${hint}>
  <input class=${`input ${chosen ? "chosen" : ""}`} inputmode="none" value=${value} autocomplete="off" data-testid=${testid}
    onFocus=${onChoose} onInput=${onInput} type=${testid === "new-pin" ? "password" : "text"} /></${Field}>`;

/** Somebody who comes for the first time; an ID card on the reader fills its field. */
function Register({ phone, setPhone }) {
  const [name, setName] = useState("");
  const [pin, setPin] = useState("");
  const [at, setAt] = useState(phone.length === PHONE ? "pin" : "phone");
  const [busy, problem, attempt] = useAttempt();
  const back = () => (page.value = "desk");
  // A card that was read for one person is not the next one's.
  useEffect(() => () => (idNumber.value = null), []);
  const ready = name.trim() && /^\d{11}$/.test(phone) && PIN.test(pin) && !busy;
  const save = () => attempt(async () => {
    const card = idNumber.value;
    const who = { name: name.trim(), phone, pin, trades: [], ...(card && { id_number: card }) };
    await helper.value.api.post("/stations/me/workers", who);
    idNumber.value = null;
    await actFor(phone);
    back();
  });
  const digits = (set, most) => (event) => set(typed(event).replace(/\D/g, "").slice(0, most));
  const [value, most, type] = at === "pin" ? [pin, 8, setPin] : [phone, PHONE, setPhone];
  return html`<${Frame} class="ask" testid="clerk-new" exits=${html`<${Back} to=${back} /><${Leave} out=${leaveAll} />`}>
    <section class="stack tight"><h1>${t("clerk.register")}</h1>
      <${Field} label=${t("clerk.name")}><input class="input" maxlength="40" value=${name} autocomplete="off" data-testid="new-name" onInput=${(e) => setName(e.target.value)} /></${Field}>
      <${Digits} label=${t("login.phone")} value=${phone} chosen=${at === "phone"} onChoose=${() => setAt("phone")} onInput=${digits(setPhone, PHONE)} testid="new-phone" />
      <${Digits} label=${t("clerk.theirpin")} hint=${t("clerk.theirpin.hint")} value=${pin} chosen=${at === "pin"} onChoose=${() => setAt("pin")} onInput=${digits(setPin, 8)} testid="new-pin" />
      <${Notice} tone=${idNumber.value ? "good" : ""}>${t(idNumber.value ? "clerk.id.read" : "clerk.id.put")}</${Notice}>
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</section>
    <div class="stack keys"><${Keypad} value=${value} max=${most} onChange=${type} prefix="new" ready=${at === "phone" && phone.length === PHONE}
        onEnter=${() => setAt("pin")} enter=${t("identify.next")} />
      <${Button} big tone="primary" busy=${busy} disabled=${!ready} onClick=${save} data-testid="new-save">${t("clerk.save")}</${Button}></div>
  </${Frame}>`;
}
