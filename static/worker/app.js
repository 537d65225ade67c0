/** The door of the worker's phone: who is here. What is behind it is fetched while that is asked, or typed. */
import { effect, html, render } from "../lib/html.js";
import { setLang, t } from "../lib/i18n.js";
import { recall } from "../lib/remember.js";
import { Login } from "../lib/login.js";
import { Gate } from "../ui/gate.js";
import { loadCity, Shell } from "../ui/shell.js";
import { later } from "../ui/later.js";
import { session } from "./session.js";

const BEHIND_MS = 500;
const Inside = later(() => import("./inside.js"), "Inside");

function Page() {
  const account = session.account.value;
  if (account) return html`<${Inside} account=${account} />`;
  return html`<${Shell} title=${t("worker.title")}>${account === undefined
    ? html`<${Gate} session=${session} />`
    : html`<${Login} session=${session} role="worker" />`}</${Shell}>`;
}

effect(() => {
  if (session.account.value) Inside.get();
  else document.title = t("worker.title");
});
await setLang(recall("lang", "zh"));
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
session.restore();
// The form first, on a slow line; the rest while a number is typed.
setTimeout(Inside.get, BEHIND_MS);
