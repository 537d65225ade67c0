/** What an identified worker can do: three buttons, and the offer that is waiting. */
import { html, useState } from "../lib/html.js";
import { lang, named, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { canSpeak, speak } from "../lib/speak.js";
import { Button, Notice } from "../ui/controls.js";
import { Crew } from "../ui/crew.js";
import { CrewWaits } from "../ui/crewwaits.js";
import { Earns, OfferCard, Refuse } from "../ui/offercard.js";
import { Icon } from "../ui/icons.js";
import { Setup } from "../ui/setup.js";
import { SiteLinks } from "../ui/site.js";
import { Work } from "../ui/work.js";
import { toast, toastProblem } from "../ui/toast.js";
import { Back, Frame, Leave } from "./frame.js";
import { station, trades } from "./hall.js";
import { near } from "./near.js";
import { Paper, Reprint } from "./paper.js";
import { act, crewStep, helper, leave, person, screen, setPresence, setProfile } from "./person.js";

const PRINTED = ["confirmed", "checked_in", "completed"];
const to = (name) => () => (screen.value = name);
const ways = (back = "menu") => html`<${Back} to=${to(back)} /><${Leave} />`;

/** A door the size of a hand: a word, what it does, and reading aloud. */
const Door = ({ icon, name, busy, onClick, testid, tone = "" }) => html`<button type="button" class=${`door ${tone}`} disabled=${busy}
  onClick=${onClick} data-testid=${testid}><${Icon} name=${icon} /><b>${t(`menu.${name}`)}</b><span>${t(`menu.${name}.what`)}</span></button>`;

/** Into the hall's list. */
const wait = () => setPresence({ status: "available", in_hall: true }).then(to("joined"), toastProblem);

export function Menu() {
  const [busy, setBusy] = useState(false);
  const { me, offers, crew, kind } = person.value;
  // The screen is being wiped: there is nobody to show a menu to.
  if (!me) return null;
  const wanted = Boolean(me.presence.since);
  const join = async () => {
    if (!me.trades.length) return kind ? toast(t("menu.pin")) : (screen.value = "setup");
    setBusy(true);
    await wait();
    setBusy(false);
  };
  const rest = async () => {
    setBusy(true);
    await setPresence({ status: "offline" }).then(() => toast(t("menu.rested")), toastProblem);
    setBusy(false);
  };
  return html`<${Frame} class="stack person" at=${offers[0]?.id} exits=${html`
      ${wanted && html`<${Button} big tone="plain" busy=${busy} onClick=${rest} data-testid="kiosk-rest">${t("menu.rest")}</${Button}>`}
      <${Leave} />`}>
    ${helper.value && html`<p class="for" data-testid="acting-for">${t("clerk.for", { clerk: helper.value.name, worker: me.name })}</p>`}
    <h1>${t("menu.hello", { name: me.name })}</h1>
    <div aria-live="assertive">${offers[0] && html`<${Offer} key=${offers[0].id} offer=${offers[0]} mode=${me.mode} />`}</div>
    ${wanted && !offers[0] && html`<${Notice} tone="good">${t("menu.waiting", { at: clock(me.presence.since) })}</${Notice}>
      <${CrewWaits} crew=${crew} />`}
    <div class=${`doors-three ${offers[0] ? "" : "tall"}`}>
      <${Door} icon="leaf" name=${me.presence.station_id ? "again" : "find"} busy=${busy} tone=${offers[0] ? "" : "main"} onClick=${join} testid="kiosk-find-work" />
      <${Door} icon="list" name="gigs" onClick=${to("gigs")} testid="kiosk-my-gigs" />
      <${Door} icon="help" name="help" onClick=${to("help")} testid="kiosk-help" />
    </div>
    ${!kind && html`<${Button} big tone="plain" icon="person" onClick=${to("crew")} data-testid="kiosk-crew">
      ${crew?.members.length > 1 ? t("crew.of", { n: crew.members.length }) : t("crew.title")}</${Button}>`}
  </${Frame}>`;
}

export function Offer({ offer, mode }) {
  const [busy, setBusy] = useState(null);
  const [refusing, setRefusing] = useState(false);
  const answer = async (name, args, done) => {
    setBusy(name);
    await act(`offer.${name}`, { offer_id: offer.id, ...args }).then(done, toastProblem);
    setBusy(null);
  };
  const decline = (reason) => {
    setRefusing(false);
    answer("decline", reason ? { reason } : {}, () => toast(t("offer.declined")));
  };
  return html`<${OfferCard} offer=${offer} mode=${mode} busy=${busy}
      onAccept=${() => answer("accept", {}, () => (screen.value = "taken"))}
      onDecline=${() => setRefusing(true)} onExtend=${() => answer("extend", {}, () => toast(t("offer.longer")))} />
    ${refusing && html`<${Refuse} onReason=${decline} onBack=${() => setRefusing(false)} />`}`;
}

/** After accepting: written large enough to copy, and read aloud. */
export function Taken() {
  const { assignments, me, kind } = person.value;
  const latest = assignments.filter(({ status }) => status === "confirmed").sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0];
  if (!latest) return html`<${Menu} />`;
  const { gig } = latest;
  const start = clock(gig.starts_at);
  const leaving = near(latest)
    ? `${day(gig.starts_at)} ${start} · ${t("taken.near", { start })}`
    : t("taken.leave", { at: `${day(latest.leaves_at)} ${clock(latest.leaves_at)}`, start });
  const read = () => speak(`${gig.title}。${leaving}。${gig.site?.address ?? ""}`, { lang: lang.value, instead: true });
  return html`<${Frame} class="stack person" testid="taken" exits=${ways(kind === "ticket" ? "ticket" : "menu")}><h1>${t("taken.title")}</h1>
    <div class="taken"><article class="card"><h2>${gig.title} · <${Earns} gig=${gig} /></h2><p>${leaving}</p>
      <${SiteLinks} gig=${gig} mode=${me.mode} still />
      ${canSpeak(lang.value) && html`<${Button} big tone="plain" icon="sound" onClick=${read}>${t("read")}</${Button}>`}
      <p class="muted">${t("taken.copy")}</p></article>
    <${Paper} assignment=${latest} now /></div></${Frame}>`;
}

export const Gigs = () => html`<${Frame} class="stack person" exits=${ways()}><h1>${t("menu.gigs")}</h1>
  ${person.value.assignments.some(({ status }) => PRINTED.includes(status)) && html`<${Button} big tone="plain" icon="list"
    onClick=${to("reprint")} data-testid="kiosk-reprint">${t("ticket.again")}</${Button}>`}
  <${Work} assignments=${person.value.assignments} act=${act} mode=${person.value.me.mode} still /></${Frame}>`;

/** Whom the worker looks for work with. */
export const Together = () => html`<${Frame} class="stack person" exits=${ways()}><h1>${t("crew.title")}</h1>
  <${Crew} crew=${person.value.crew} step=${crewStep} me=${person.value.me.id} still /></${Frame}>`;

export const Tickets = () => html`<${Frame} class="stack person" exits=${ways("gigs")}><h1>${t("ticket.again")}</h1>
  <${Reprint} assignments=${person.value.assignments} /></${Frame}>`;

export function Joined() {
  const offer = person.value.offers[0];
  if (offer) {
    return html`<${Frame} key=${offer.id} class="stack person" exits=${ways()}><h1>${t("offer.title")}</h1>
      <div aria-live="assertive"><${Offer} key=${offer.id} offer=${offer} mode=${person.value.me.mode} /></div></${Frame}>`;
  }
  return html`<${Frame} class="stack person" testid="joined" exits=${html`<${Back} to=${to("menu")} />
    <${Button} big tone="primary" onClick=${leave} data-testid="joined-done">${t("joined.done")}</${Button}>`}>
  <h1>${t("joined.title")}</h1><p>${t("joined.what")}</p><${CrewWaits} crew=${person.value.crew} /></${Frame}>`;
}

/** Trades are asked for on the way to waiting, which goes on from here. */
export const Profile = () => html`<${Frame} class="person" exits=${ways()}>
  <${Setup} first profile=${person.value.me} trades=${trades.value} onSave=${setProfile} onDone=${wait} /></${Frame}>`;

/** Help is a person: where to find one, and what they can do. */
export const Help = () => html`<${Frame} class="stack person centre" exits=${ways(person.value ? "menu" : "hall")}>
  <h1>${t("menu.help")}</h1><p>${t("help.window", { station: named(station.value) })}</p>
  <ul class="plain"><li>${t("help.pin")}</li><li>${t("help.first")}</li><li>${t("help.wage")}</li></ul>
  <${Button} big tone="plain" onClick=${() => { leave(); screen.value = "clerk"; }} data-testid="kiosk-clerk">${t("clerk.door")}</${Button}></${Frame}>`;
