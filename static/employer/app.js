/** The employer's page: post, watch it fill, settle. */
import { effect, html, render, signal } from "../lib/html.js";
import { addWords, t } from "../lib/i18n.js";
import { desk } from "../lib/zh-desk.js";
import { gig } from "../lib/zh-gig.js";
import { why } from "../lib/zh-why.js";
import { allowSoundAfterTap } from "../lib/speak.js";
import { Login } from "../lib/login.js";
import { Gate } from "../ui/gate.js";
import { Button } from "../ui/controls.js";
import { lineOf } from "../ui/line.js";
import { loadCity, TopBar } from "../ui/shell.js";
import { onePressAtAPlace } from "../ui/taps.js";
import { Toasts } from "../ui/toast.js";
import { advised, gigs, live, loadLists, session } from "./market.js";
import { Board } from "./board.js";
import { Gig } from "./gig.js";
import { Post } from "./post.js";
import { Roster } from "./roster.js";

/** #post | #day | #gig=ID | the board. */
const place = signal(location.hash);
addEventListener("hashchange", () => {
  place.value = location.hash;
  scrollTo(0, 0);
});

/** A link to what is not among this account's: just posted and on its way, or another's. */
const Missing = ({ id }) => html`<a class="button plain back" href="#">${t("board.back")}</a>
  <p class="muted" role="status" data-testid="gig-missing">${t(advised.value?.gig === id ? "loading" : "board.missing")}</p>`;

/** Whoever logs in next begins at their own board. */
async function leave() {
  await session.logOut();
  location.hash = "";
}

function Inside() {
  if (!live.state.value) return html`<p class="muted">${t("loading")}</p>`;
  const id = place.value.startsWith("#gig=") ? place.value.slice(5) : null;
  const gig = gigs.value.find((each) => each.id === id);
  return html`<div class=${`desk ${place.value ? "deep" : ""}`}>
    <aside class="stack"><${Board} current=${id} /></aside>
    <section class="stack">${place.value === "#post" || (!id && !gigs.value.length)
      ? html`<${Post} />`
      : place.value === "#day" ? html`<${Roster} />`
      : gig ? html`<${Gig} gig=${gig} key=${gig.id} />`
      : id ? html`<${Missing} id=${id} />`
      : html`<p class="muted pick">${t("board.pick")}</p>`}</section>
  </div>
  <footer class="row apart foot"><span class="muted">${session.account.value.name}</span>
    <${Button} tone="plain" onClick=${leave} data-testid="log-out">${t("logout")}</${Button}></footer>`;
}

function Page() {
  const account = session.account.value;
  const inside = account ? html`<${Inside} />`
    : html`<div class="narrow">${account === null ? html`<${Login} session=${session} role="employer" />` : html`<${Gate} session=${session} />`}</div>`;
  const line = account ? lineOf(live.status.value, live.start) : null;
  return html`<${TopBar} title=${t("employer.title")} who=${account?.name} line=${line} />
    <main class="page wide">${inside}</main><${Toasts} />`;
}

effect(() => {
  document.title = t("employer.title");
});
effect(() => {
  if (!session.account.value) return live.stop();
  live.start();
  loadLists();
});
effect(() => {
  session.heard(live.status.value);
});
allowSoundAfterTap();
onePressAtAPlace();
await addWords({ ...gig, ...desk, ...why }, async () => ({
  ...(await import("../lib/en-gig.js")).gig,
  ...(await import("../lib/en-desk.js")).desk,
  ...(await import("../lib/en-why.js")).why,
}));
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
session.restore();
