/** Who are you: phone number, then PIN, on keys that can't be missed. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { Button, Notice } from "../ui/controls.js";
import { Keypad } from "../ui/keypad.js";
import { Frame } from "./frame.js";
import { identify, idNumber, leave } from "./person.js";

const PHONE = 11;
const PIN = { least: 4, most: 8 };
/** Answers that say something of what was typed; of anything else that is not to blame. */
const WRONG = ["not-found", "unauthenticated"];

/** `send(who)` with {phone, pin} or, for a card that the reader knows, {id_number, pin}. */
export function Identify({ send = identify, words = "identify", children }) {
  const card = words === "identify" ? idNumber.value : null;
  const [phone, setPhone] = useState("");
  const [pin, setPin] = useState("");
  const [asking, setAsking] = useState("phone");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const atPhone = asking === "phone" && !card;
  const ready = !busy && (atPhone ? phone.length === PHONE : pin.length >= PIN.least);

  const enter = async () => {
    if (!ready) return;
    setProblem(null);
    if (atPhone) return setAsking("pin");
    setBusy(true);
    await send(card ? { id_number: card, pin } : { phone, pin }).catch((refusal) => {
      setProblem(refusal);
      setPin("");
      setBusy(false);
    });
  };
  // A card read: what the reader typed is no phone number.
  useEffect(() => {
    setPhone("");
    setPin("");
    setProblem(null);
  }, [card]);
  const type = (value) => (atPhone ? setPhone(value) : setPin(value));

  // A real keyboard types here too.
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

  const exits = html`${children}
    ${!atPhone && html`<${Button} big tone="plain" onClick=${() => { idNumber.value = null; setAsking("phone"); setPin(""); }}>${t("identify.other")}</${Button}>`}
    <${Button} big tone="plain" onClick=${leave} data-testid="kiosk-leave">${t("back")}</${Button}>`;
  return html`<${Frame} class="ask" exits=${exits}>
    <section class="stack">
      <h1>${t(`${words}.${atPhone ? "phone" : "pin"}`)}</h1>
      <p class="digits" aria-live="polite" data-testid="kiosk-digits">${atPhone ? phoneGroups(phone) || " " : "●".repeat(pin.length) || " "}</p>
      <p class="muted">${t(`${words}.${atPhone ? "phone" : "pin"}.hint`)}</p>
      ${problem && html`<${Notice} tone="bad">${WRONG.includes(problem.code) ? t(`${words}.refused`) : explain(problem)}</${Notice}>`}
    </section>
    <${Keypad} value=${atPhone ? phone : pin} max=${atPhone ? PHONE : PIN.most} onChange=${type} onEnter=${enter} ready=${ready}
      enter=${busy ? t("wait") : t(atPhone ? "identify.next" : "ok")} prefix="kiosk" />
  </${Frame}>`;
}
