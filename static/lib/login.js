/** Phone and one-time code; in the demo, one tap. */
import { html, useState } from "./html.js";
import { explain, t } from "./i18n.js";
import { Button, Field, Notice, typed, useAttempt } from "../ui/controls.js";
import { suspended } from "./session.js";
import { city } from "../ui/shell.js";

/**
 * @param {object} props
 * @param {ReturnType<import("./session.js").createSession>} props.session
 * @param {string} props.role worker | employer | clerk | staff
 * @param {string} [props.intro] words above the form
 * @param {() => Promise<void>} [props.onDemo] the demo's one tap, when it is not this role's own (a kiosk)
 */
export function Login({ session, role, onDemo, intro }) {
  const [phone, setPhone] = useState("");
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [sent, setSent] = useState(false);
  const [busy, problem, attempt] = useAttempt();
  const parted = session.parted.value;
  const selfServe = role === "worker" || role === "employer";

  const send = async () => {
    await session.sendCode(phone);
    setSent(true);
  };
  const enter = () => session.logIn({ phone, code, role, ...(selfServe && name.trim() ? { name: name.trim() } : {}) });
  const submit = (event) => {
    event.preventDefault();
    attempt(sent ? enter : send);
  };
  const ready = sent ? /^\d{6}$/.test(code) : /^\+?\d{5,20}$/.test(phone);

  // A demo's button that came later would move the fields under a finger.
  if (!city.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<form class="stack" onSubmit=${submit} noValidate>
    <div><h1>${t(`login.${role}`)}</h1><p class="muted">${intro ?? t(`login.${role}.intro`)}</p></div>
    ${parted && !problem && html`<${Refused} problem=${parted} />`}
    ${city.value.demo && html`<${Demo} busy=${busy} onTap=${() => attempt(onDemo ?? (() => session.demo(role)))} />`}
    <${Field} label=${t("login.phone")} hint=${sent ? null : t("login.phone.hint")}>
      <input class="input digits" type="tel" inputmode="tel" autocomplete="tel" maxlength="20" value=${phone}
        readonly=${sent} data-testid="login-phone" onInput=${(e) => setPhone(typed(e).replace(/[^\d+]/g, ""))} />
    </${Field}>
    ${sent && html`<${Field} label=${t("login.code")} hint=${t("login.code.hint")}>
      <input class="input digits" inputmode="numeric" autocomplete="one-time-code" maxlength="6" value=${code}
        data-testid="login-code" onInput=${(e) => setCode(typed(e).replace(/\D/g, ""))} />
    </${Field}>`}
    ${sent && selfServe && html`<${Field} label=${t(`login.name.${role}`)} hint=${t("login.name.hint")}>
      <input class="input" autocomplete="name" maxlength="40" value=${name} data-testid="login-name"
        onInput=${(e) => setName(e.target.value)} />
    </${Field}>`}
    ${problem && html`<${Refused} problem=${problem} />`}
    <${Button} big tone="primary" type="submit" busy=${busy} disabled=${!ready} data-testid="login-submit">
      ${t(sent ? "login.enter" : "login.send")}</${Button}>
    ${sent && html`<${Button} tone="plain" onClick=${() => { setSent(false); setCode(""); }}>${t("login.other")}</${Button}>`}
  </form>`;
}

/** Why not, and the market's telephone for whom only its people can help. */
const Refused = ({ problem }) => html`<${Notice} tone="bad"><span data-testid="refused">${explain(problem)}</span></${Notice}>
  ${suspended(problem) && city.value.telephone && html`<a class="button big" href=${`tel:${city.value.telephone}`}
    data-testid="call-market">${t("login.ask", { phone: city.value.telephone })}</a>`}`;

const Demo = ({ busy, onTap }) => html`<div class="notice good stack tight">
  <p>${t("login.demo.why")}</p>
  <${Button} big tone="primary" busy=${busy} onClick=${onTap} data-testid="demo-login">${t("login.demo")}</${Button}>
  <a class="button plain" href="/demo/inbox" target="_blank" rel="noopener" data-testid="demo-inbox">${t("login.inbox")}</a>
</div>`;
