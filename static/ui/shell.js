/** What frames every page: name and switches, and the line in the name's place when it is not well. */
import { html, signal } from "../lib/html.js";
import { lang, named, setLang, t } from "../lib/i18n.js";
import { recall, remember } from "../lib/remember.js";
import { meta } from "../lib/api.js";
import { Toasts } from "./toast.js";

/** The city's public settings, as they were last time until they are known; null the first time. */
export const city = signal(JSON.parse(recall("city", "null")));
const elder = signal(recall("elder") === "1");

function setElder(on) {
  elder.value = on;
  remember("elder", on ? "1" : null);
  document.documentElement.toggleAttribute("data-elder", on);
}

/** Ask for the city until it answers, so that a page opened during a restart comes up by itself. */
export async function loadCity() {
  setElder(elder.value);
  for (;;) {
    try {
      city.value = await meta();
      remember("city", JSON.stringify(city.value));
      return city.value;
    } catch {
      await new Promise((again) => setTimeout(again, 2000));
    }
  }
}

/** Language and type size. */
export const Switches = () => html`<${ElderSwitch} /><${LangSwitch} />`;

const ElderSwitch = () => html`<button type="button" class="switch" aria-pressed=${elder.value} data-testid="elder-switch"
    aria-label=${t("elder.long")} onClick=${() => setElder(!elder.value)}>${t("elder")}</button>`;

export const LangSwitch = () => html`<button type="button" class="switch" data-testid="lang-switch" aria-label=${t("lang.long")}
    lang=${lang.value === "en" ? "zh-CN" : "en"}
    onClick=${() => setLang(lang.value === "en" ? "zh" : "en")}>${lang.value === "en" ? "中文" : "EN"}</button>`;

const LEAF = new URL("./leaf.svg", import.meta.url).href;

/** Leaf, city, page title, switches. `line`: what `lineOf` says. */
export const TopBar = ({ title, who, line = null }) => html`<header class=${`bar no-print ${line ? "down" : ""}`}>
  ${line ?? html`<img src=${LEAF} alt="" />
  <div class="name">${t("brand", { city: named(city.value) })}<small>${who ? `${title} · ${who}` : title}</small></div>`}
  <${Switches} />
</header>`;

/** The frame of a phone-sized page. */
export const Shell = ({ title, who, line, children }) => html`<${TopBar} title=${title} who=${who} line=${line} />
  <main class="page">${children}</main><${Toasts} />`;
