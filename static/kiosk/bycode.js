/** A clerk's way in without a PIN: a phone number and the code sent to it, on the kiosk's keys. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { Button, Notice, useAttempt } from "../ui/controls.js";
import { Keypad } from "../ui/keypad.js";
import { city } from "../ui/shell.js";
import { Frame } from "./frame.js";
import { clerk } from "./hall.js";

const PHONE = 11;
const CODE = 6;

/**
 * @param {object} props
 * @param {string} props.intro why one logs in here
 * @param {() => Promise<void>} props.onDemo the demo's one tap
 * @param {unknown} props.exits
 */
export function ByCode({ intro, onDemo, exits }) {
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState("");
  const [sent, setSent] = useState(false);
  const [busy, problem, attempt] = useAttempt();
  const [value, most, type] = sent ? [code, CODE, setCode] : [phone, PHONE, setPhone];
  const ready = value.length === most && !busy;
  const enter = () => attempt(async () => {
    if (sent) return clerk.logIn({ phone, code, role: "clerk" });
    await clerk.sendCode(phone);
    setSent(true);
  });
  const other = () => {
    setSent(false);
    setCode("");
  };

  // A real keyboard types here too.
  useEffect(() => {
    const key = (event) => {
      if (/^\d$/.test(event.key) && value.length < most) type(value + event.key);
      if (event.key === "Backspace") type(value.slice(0, -1));
      if (event.key === "Enter" && event.target === document.body && ready) enter();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  });

  return html`<${Frame} class="ask" testid="by-code" at=${sent} exits=${html`
      ${sent && html`<${Button} big tone="plain" onClick=${other}>${t("login.other")}</${Button}>`}${exits}`}>
    <section class="stack"><h1>${t(sent ? "clerk.code" : "clerk.phone")}</h1><p class="muted">${sent ? t("login.code.hint") : intro}</p>
      <p class="digits" aria-live="polite" data-testid="by-code-digits">${(sent ? code : phoneGroups(phone)) || " "}</p>
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
      ${city.value?.demo && !sent && html`<${Button} tone="plain" disabled=${busy} onClick=${() => attempt(onDemo)} data-testid="demo-login">
        ${t("login.demo")}</${Button}>`}</section>
    <${Keypad} value=${value} max=${most} onChange=${type} ready=${ready} onEnter=${enter} prefix="clerk"
      enter=${busy ? t("wait") : t(sent ? "login.enter" : "login.send")} />
  </${Frame}>`;
}
