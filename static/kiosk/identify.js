/** Who are you: phone number, then PIN, on keys that can't be missed. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { Button, Notice } from "../ui/controls.js";
import { Keypad } from "../ui/keypad.js";
import { identify, leave } from "./person.js";

const PHONE = 11;
const PIN = { least: 4, most: 8 };

export function Identify() {
  const [phone, setPhone] = useState("");
  const [pin, setPin] = useState("");
  const [asking, setAsking] = useState("phone");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const atPhone = asking === "phone";
  const ready = !busy && (atPhone ? phone.length === PHONE : pin.length >= PIN.least);

  const enter = async () => {
    if (!ready) return;
    setProblem(null);
    if (atPhone) return setAsking("pin");
    setBusy(true);
    await identify(phone, pin).catch((refusal) => {
      setProblem(refusal);
      setPin("");
      setBusy(false);
    });
  };
  const type = (value) => (atPhone ? setPhone(value) : setPin(value));

  // A scanner or a real keyboard types here too.
  useEffect(() => {
    const key = (event) => {
      const value = atPhone ? phone : pin;
      if (/^\d$/.test(event.key) && value.length < (atPhone ? PHONE : PIN.most)) type(value + event.key);
      if (event.key === "Backspace") type(value.slice(0, -1));
      if (event.key === "Enter" && event.target === document.body) enter();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });

  return html`<div class="ask">
    <section class="stack">
      <h1>${t(atPhone ? "identify.phone" : "identify.pin")}</h1>
      <p class="digits" aria-live="polite" data-testid="kiosk-digits">${atPhone ? phoneGroups(phone) || " " : "●".repeat(pin.length) || " "}</p>
      <p class="muted">${t(atPhone ? "identify.phone.hint" : "identify.pin.hint")}</p>
      ${problem && html`<${Notice} tone="bad">${t("identify.refused")} ${problem.code === "wrong-code" || problem.code === "unauthenticated" ? "" : explain(problem)}</${Notice}>`}
    </section>
    <${Keypad} value=${atPhone ? phone : pin} max=${atPhone ? PHONE : PIN.most} onChange=${type} onEnter=${enter} ready=${ready}
      enter=${busy ? t("wait") : t(atPhone ? "identify.next" : "ok")} prefix="kiosk" />
    <div class="row exits">
      ${!atPhone && html`<${Button} big tone="plain" onClick=${() => { setAsking("phone"); setPin(""); }}>${t("identify.other")}</${Button}>`}
      <${Button} big tone="plain" onClick=${leave} data-testid="kiosk-leave">${t("back")}</${Button}>
    </div>
  </div>`;
}
