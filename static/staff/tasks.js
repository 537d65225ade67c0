/** The working list: what is open, most urgent first; each row says what to do and opens one action. */
import { effect, html, signal, useEffect, useRef, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { clock, day, duration, yuan } from "../lib/format.js";
import { now } from "../lib/clock.js";
import { Button, Empty, Notice } from "../ui/controls.js";
import { said } from "../ui/funnel.js";
import { Appeals } from "./appeals.js";
import { CallDialog } from "./call.js";
import { session, tradeOf } from "./desk.js";
import { PlaceDialog } from "./place.js";
import { asQuery } from "./region.js";
import { WhyDialog } from "./why.js";

const EVERY_MS = 15_000;
const SHOWN = 8;
export const QUEUES = ["undelivered", "unfilled", "waiting", "never", "missed", "unpaid", "appeals"];

/** {queues, unfilled}, both as of the last answer; null before the first. */
export const open = signal(null);
const problem = signal(null);

export async function load() {
  const [{ api }, asked] = [session.value, asQuery.value];
  const [queues, unfilled] = await Promise.all([api.get(`/queues${asked}`), api.get(`/gigs/unfilled${asked}`)])
    .catch((bad) => ((problem.value = bad), []));
  // An answer about another region that comes late is not shown as this one's.
  if (!queues || asked !== asQuery.value) return;
  problem.value = null;
  open.value = { queues, unfilled: unfilled.items };
}

/** Ask again and again while somebody is logged in; returns how to stop. */
export function followTasks() {
  const stop = effect(() => void (asQuery.value, load()));
  const timer = setInterval(load, EVERY_MS);
  return () => {
    stop();
    clearInterval(timer);
    open.value = null;
  };
}

const waited = (since) => duration(Math.max(0, (now() - Date.parse(since)) / 1000));
const skills = (codes) => (codes.length ? codes.map((code) => named(tradeOf(code))).join(t("list.comma")) : t("tasks.no-trade"));
const when = (at) => `${day(at)} ${clock(at)}`;

/** What each row says and does. `act` opens one dialog; `more` another. */
const ROWS = {
  undelivered: {
    items: (all) => all.queues.undelivered,
    key: (row) => row.offer_id,
    says: (row) => t("tasks.undelivered.row", { name: row.worker, title: row.title, wait: waited(row.created_at) }),
    act: (row) => ({ kind: "call", id: row.worker_id, name: row.worker, gig: row.gig_id, title: row.title, why: t("tasks.undelivered.reason") }),
  },
  unfilled: {
    items: (all) => all.unfilled,
    key: (row) => row.gig_id,
    says: (row) => t("tasks.unfilled.row", { title: row.title, employer: row.employer, when: when(row.starts_at), n: row.numbers.free_seats }),
    note: said,
    act: (row) => ({ kind: "place", gig: row }),
    more: (row) => ({ kind: "why", gig: row }),
  },
  waiting: {
    items: (all) => all.queues.waiting,
    key: (row) => row.worker_id,
    says: (row) => t("tasks.waiting.row", { name: row.name, wait: waited(row.since), trades: skills(row.trades) }),
    note: (row) => t(row.offers_today ? "tasks.asked-today" : row.offers_week ? "tasks.asked-week" : "tasks.never-asked", { n: row.offers_today || row.offers_week }),
    act: (row) => ({ kind: "place", worker: row }),
    more: (row) => ({ kind: "why", worker: row }),
  },
  missed: {
    items: (all) => all.queues.missed,
    key: (row) => row.assignment_id,
    says: (row) => t("tasks.missed.row", { name: row.worker, title: row.title, employer: row.employer, when: when(row.starts_at) }),
    note: (row) => (row.free_seats ? t("tasks.missed.free", { n: row.free_seats }) : ""),
    act: (row) => ({ kind: "call", id: row.worker_id, name: row.worker, why: t("tasks.missed.reason") }),
  },
  unpaid: {
    items: (all) => all.queues.unpaid,
    key: (row) => row.assignment_id,
    says: (row) => t("tasks.unpaid.row", { name: row.worker, title: row.title, employer: row.employer, pay: yuan(row.due_fen), due: day(`${row.due_on}T12:00:00+08:00`) }),
    act: (row) => ({ kind: "call", id: row.employer_id, name: row.employer, why: t("tasks.unpaid.reason") }),
  },
};
ROWS.never = { ...ROWS.waiting, items: (all) => all.queues.never };
export { ROWS };

/** The first list with anything on it, the most urgent first; one being read stays until it is empty. */
const firstOpen = (counts, read) => (read && counts[read] > 0 ? read : QUEUES.find((name) => counts[name] > 0) ?? "waiting");

export function Tasks() {
  const [chosen, setChosen] = useState(null);
  const [doing, setDoing] = useState(null);
  const read = useRef(null);
  const all = open.value;
  if (!all) return problem.value ? html`<${Notice} tone="bad">${explain(problem.value)}</${Notice}>` : html`<p class="muted" role="status">${t("loading")}</p>`;
  const { counts } = all.queues;
  read.current = chosen ?? firstOpen(counts, read.current);
  const shown = read.current;
  const done = () => {
    setDoing(null);
    load();
  };
  return html`<div class="desk">
    <nav class="queues" aria-label=${t("tasks.title")}>
      ${QUEUES.map((name) => html`<button type="button" key=${name} class=${`queue ${counts[name] ? "" : "clear"}`} aria-current=${shown === name ? "true" : null}
        data-testid=${`queue-${name}`} onClick=${() => setChosen(name)}><span>${t(`tasks.${name}`)}</span><b>${counts[name] || "✓"}</b></button>`)}
    </nav>
    <section class="card" aria-live="off" data-testid="queue">
      ${problem.value && html`<${Notice} tone="bad">${explain(problem.value)}</${Notice}>`}
      <div><h1>${t(`tasks.${shown}`)}</h1><p class="muted">${t(`tasks.${shown}.what`)}</p></div>
      ${shown === "appeals" ? html`<${Appeals} api=${session.value.api} />` : html`<${Rows} name=${shown} all=${all} onAct=${setDoing} />`}
    </section>
    <${Doing} doing=${doing} onDone=${done} />
  </div>`;
}

function Rows({ name, all, onAct }) {
  const [whole, setWhole] = useState(false);
  useEffect(() => setWhole(false), [name]);
  const queue = ROWS[name];
  const items = queue.items(all);
  if (!items.length) return html`<${Empty} icon="check" title=${t("tasks.clear")}>${t("tasks.clear.what")}</${Empty}>`;
  const rows = whole ? items : items.slice(0, SHOWN);
  return html`<ul class="todo">${rows.map((row) => html`<li key=${queue.key(row)} data-testid=${`row-${name}`} data-id=${queue.key(row)}>
      <div class="grow"><p class="strong">${queue.says(row)}</p>${queue.note?.(row) && html`<p class="muted">${queue.note(row)}</p>`}</div>
      <div class="row">${queue.more && html`<${Button} tone="plain" onClick=${() => onAct(queue.more(row))} data-testid="row-why">${t("tasks.why")}</${Button}>`}
        <${Button} tone="primary" onClick=${() => onAct(queue.act(row))} data-testid="row-act">${t(`tasks.${name}.act`)}</${Button}></div></li>`)}</ul>
    ${items.length > rows.length && html`<${Button} tone="plain" onClick=${() => setWhole(true)} data-testid="rows-all">${t("tasks.all", { n: items.length })}</${Button}>`}`;
}

function Doing({ doing, onDone }) {
  if (doing?.kind === "place") return html`<${PlaceDialog} worker=${doing.worker} gig=${doing.gig} onClose=${onDone} />`;
  if (doing?.kind === "call") return html`<${CallDialog} person=${doing} onClose=${onDone} />`;
  if (doing?.kind === "why") return html`<${WhyDialog} worker=${doing.worker} gig=${doing.gig} onClose=${onDone} />`;
  return null;
}
