/** Which page is for me. */
import { effect, html, render } from "../lib/html.js";
import { addWords, named, t } from "../lib/i18n.js";
import { desk } from "../lib/zh-desk.js";
import { city, loadCity, TopBar } from "../ui/shell.js";
import { Icon } from "../ui/icons.js";

const DOORS = [
  { name: "worker", icon: "leaf" },
  { name: "employer", icon: "house" },
  { name: "kiosk", icon: "sound" },
  { name: "staff", icon: "pin" },
];

/** What is known a moment later stands last: no door moves away from under a finger. */
const Page = () => html`<${TopBar} title=${t("home.title")} />
  <main class="page home">
    <div class="hero"><h1>${t("home.hello", { city: named(city.value) })}</h1><p>${t("home.what")}</p></div>
    <ul class="ways">${DOORS.map(({ name, icon }) => html`<li key=${name}><a class=${`card way ${name}`} href=${`/${name}/`} data-testid=${`door-${name}`}>
      <${Icon} name=${icon} /><span><b>${t(`home.${name}`)}</b><span class="muted">${t(`home.${name}.what`)}</span></span></a></li>`)}</ul>
    <p class="row apart"><span class="muted">${t("home.free")}</span><a class="button plain" href="/rules/" data-testid="rules">${t("rules.link")}</a></p>
    ${city.value?.demo && html`<div class="notice row apart"><span>${t("home.demo")}</span>
      <a class="button plain" href="/demo/inbox">${t("login.inbox")}</a></div>`}
  </main>`;

effect(() => {
  document.title = t("brand", { city: named(city.value) });
});
await addWords(desk, async () => (await import("../lib/en-desk.js")).desk);
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
