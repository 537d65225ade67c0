/** My profile, the PIN for kiosks, what is kept about me, and the way out. */
import { html, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { yuan } from "../lib/format.js";
import { Button, Choice, Field, typed } from "../ui/controls.js";
import { Confirm } from "../ui/dialog.js";
import { city } from "../ui/shell.js";
import { toast, toastProblem } from "../ui/toast.js";
import { api, crew, crewStep, listOf, me, session, setPresence, setProfile } from "./market.js";
import { Crew } from "../ui/crew.js";
import { Setup } from "../ui/setup.js";
import { Earned } from "./earned.js";

function Pin() {
  const [pin, setPin] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const save = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await api.put("/workers/me/pin", { pin });
      setPin("");
      toast(t("pin.saved"));
    } catch (refusal) {
      setProblem(refusal);
    }
    setBusy(false);
  };
  return html`<form class="card" onSubmit=${save}>
    <h2>${t("pin.title")}</h2><p class="muted">${t(me.value.has_pin ? "pin.has" : "pin.why")}</p>
    <${Field} label=${t("pin.new")} hint=${t("pin.hint")} fault=${problem && explain(problem)}>
      <input class="input digits" type="password" inputmode="numeric" autocomplete="new-password" maxlength="8" value=${pin}
        data-testid="pin" onInput=${(e) => setPin(typed(e).replace(/\D/g, ""))} /></${Field}>
    <${Button} big type="submit" busy=${busy} disabled=${!/^\d{4,8}$/.test(pin)} data-testid="pin-save">${t("save")}</${Button}>
  </form>`;
}

/** The longest way in minutes by my mode; the city's own circle is nothing of mine. */
function Reach() {
  const { trades, mode, floor_wage_fen: floor, reach_s: mine } = me.value;
  const usual = (city.value?.circle_s ?? 900) / 60;
  const minutes = [...new Set([10, usual, 20, 30, mine ? mine / 60 : usual])].sort((a, b) => a - b);
  const save = (next) => setProfile({ trades, mode, floor_wage_fen: floor, reach_s: next === usual ? null : next * 60 }).catch(toastProblem);
  return html`<section class="card"><h2>${t("me.reach")}</h2>
    <${Choice} label=${t("me.reach")} testid="reach" chosen=${mine ? mine / 60 : usual} onChange=${save}
      options=${minutes.map((n) => ({ value: n, label: t(n === usual ? "me.reach.usual" : "dur.min", { n }) }))} />
    <p class="muted">${t("me.reach.hint")}</p></section>`;
}

async function leave() {
  // A phone handed on must not go on getting offers: rest first, then log out.
  if (me.value?.presence.since) await setPresence({ status: "offline" }).catch(toastProblem);
  await session.logOut();
  location.hash = "";
}

export function Me() {
  const [editing, setEditing] = useState(false);
  const [leaving, setLeaving] = useState(false);
  if (editing) return html`<${Setup} profile=${me.value} trades=${listOf("trades").value} onSave=${setProfile} onDone=${() => setEditing(false)} />`;
  const names = listOf("trades").value.filter(({ code }) => me.value.trades.includes(code)).map(named);
  return html`<h1>${me.value.name}</h1>
    <section class="card"><h2>${t("me.profile")}</h2>
      <p>${names.join(" · ")}</p>
      <p>${t(`mode.${me.value.mode}`)} · ${me.value.floor_wage_fen ? t("setup.from", { yuan: yuan(me.value.floor_wage_fen) }) : t("setup.any")}</p>
      <${Button} big onClick=${() => setEditing(true)} data-testid="edit-profile">${t("me.edit")}</${Button}></section>
    <section class="card"><h2>${t("crew.title")}</h2><${Crew} crew=${crew.value} step=${crewStep} me=${me.value.id} /></section>
    <${Earned} /><${Reach} /><${Pin} />
    <section class="card"><h2>${t("me.privacy")}</h2><p>${t("me.privacy.words")}</p></section>
    <section class="card"><h2>${t("me.fair")}</h2><p>${t("me.fair.words")}</p><a class="button" href="/rules/">${t("rules.link")}</a></section>
    <${Button} big tone="danger" onClick=${() => setLeaving(true)} data-testid="log-out">${t("logout")}</${Button}>
    ${leaving && html`<${Confirm} title=${t("logout.title")} yes=${t("logout")} onYes=${leave} onNo=${() => setLeaving(false)}
      testid="logout"><p>${t("logout.what")}</p></${Confirm}>`}`;
}
