/** The worker's phone once it is known who is here: find work, my gigs, nearby, me. */
import { effect, html, signal } from "../lib/html.js";
import { addWords, t } from "../lib/i18n.js";
import { keepFiles } from "../lib/keeper.js";
import { gig as words } from "../lib/zh-gig.js";
import { phone } from "../lib/zh-phone.js";
import { allowSoundAfterTap } from "../lib/speak.js";
import { lineOf } from "../ui/line.js";
import { Shell } from "../ui/shell.js";
import { Icon } from "../ui/icons.js";
import { later, soon } from "../ui/later.js";
import { onePressAtAPlace } from "../ui/taps.js";
import { assignments, listOf, live, me, offers, session, setProfile } from "./market.js";
import { startSharing } from "./position.js";
import { Home } from "./home.js";
import { Offer, Taken } from "./offer.js";
import { startKept } from "./kept.js";
import { Sharing } from "./sharing.js";
import { scanned } from "./scanned.js";

const Setup = later(() => import("../ui/setup.js"), "Setup");
const MyGigs = later(() => import("./mygigs.js"), "MyGigs");
const Nearby = later(() => import("./nearby.js"), "Nearby");
const Me = later(() => import("./me.js"), "Me");
const TABS = [
  { name: "home", icon: "leaf", view: Home },
  { name: "gigs", icon: "list", view: MyGigs },
  { name: "nearby", icon: "pin", view: Nearby },
  { name: "me", icon: "person", view: Me },
];
const TESTIDS = { gigs: "my-gigs" };
const here = () => (scanned() ? TABS[1] : null) ?? TABS.find(({ name }) => `#${name}` === location.hash) ?? TABS[0];
const tab = signal(here());

addEventListener("hashchange", () => {
  tab.value = here();
  scrollTo(0, 0);
});

/** Gigs that wait for something the worker can do now. */
const waiting = () =>
  assignments.value.filter(({ status, paid_fen }) => status === "checked_in" || (status === "completed" && paid_fen !== null))
    .length;

const Tabs = () => html`<nav class="tabs" aria-label=${t("nav")}>
  ${TABS.map(({ name, icon }) => html`<a key=${name} href=${`#${name}`} data-testid=${TESTIDS[name] ?? `tab-${name}`}
    aria-current=${tab.value.name === name ? "page" : null}>
    <${Icon} name=${icon} /><span>${t(`tab.${name}`)}</span>
    ${name === "gigs" && waiting() > 0 && html`<b class="badge">${waiting()}<span class="hidden-text">${t("tab.waiting")}</span></b>`}
  </a>`)}
</nav>`;

function Content({ view: View }) {
  if (!me.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
  if (me.value.trades.length) return html`<${View} />`;
  return html`<${Setup} first profile=${me.value} trades=${listOf("trades").value} onSave=${setProfile} />`;
}

/** All of it, for somebody who is logged in. */
export function Inside({ account }) {
  const offer = offers.value[0];
  const line = lineOf(live.status.value, live.start);
  return html`<${Shell} title=${t("worker.title")} who=${me.value?.name ?? account.name} line=${line}>
      <div class="stack tight" aria-live="assertive">${offer && html`<${Offer} key=${offer.id} offer=${offer} />`}</div>
      <${Taken} />
      ${!offer && html`<${Content} view=${tab.value.view} />`}
      <${Sharing} home=${!offer && tab.value.name === "home"} quiet=${Boolean(offer)} />
    </${Shell}>
    ${me.value?.trades.length > 0 && !offer && html`<${Tabs} />`}`;
}

effect(() => {
  if (offers.value.length || me.value?.trades.length) scrollTo(0, 0);
});
effect(() => {
  document.title = `${offers.value.length ? "● " : ""}${t("worker.title")}`;
});
effect(() => {
  const account = session.account.value;
  if (account === undefined) return;
  // What this device kept may be of somebody who used it before.
  const kept = live.state.peek();
  if (!account || (kept && kept.me.id !== account.id)) live.stop();
  if (account) live.start();
});
effect(() => {
  session.heard(live.status.value);
});
allowSoundAfterTap();
onePressAtAPlace();
startSharing();
startKept();
keepFiles("worker");
await addWords({ ...words, ...phone }, async () => ({
  ...(await import("../lib/en-gig.js")).gig,
  ...(await import("../lib/en-phone.js")).phone,
}));
soon([MyGigs, Nearby, Me]);
