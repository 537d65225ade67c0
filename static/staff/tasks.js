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
/** So many more at a tap, and at most so many in one answer. */
const MORE = 50;
const ANSWERED = 200;
export const QUEUES = ["undelivered", "unfilled", "waiting", "never", "missed", "unpaid", "appeals"];

/** {queues, lists: {name: {items, next}}} as of the last answer; null before the first. */
export const open = signal(null);
const problem = signal(null);
/** The list that is read, and how much of it. */
let read = { name: "", rows: SHOWN };

const pathOf = (name) => (name === "unfilled" ? "/gigs/unfilled" : `/queues/${name}`);

/** A page of a list and what comes after it, as far as it is read. */
async function furtherOf(api, name, page, asked) {
  const [items, keyOf] = [new Map(page.items.map((row) => [ROWS[name].key(row), row])), ROWS[name].key];
  let { next } = page;
  while (next && name === read.name && items.size < read.rows) {
    const query = new URLSearchParams(asked);
    query.set("cursor", next);
    query.set("limit", String(Math.min(ANSWERED, read.rows - items.size)));
    const further = await api.get(`${pathOf(name)}?${query}`);
    further.items.forEach((row) => items.set(keyOf(row), row));
    next = further.next;
  }
  return { items: [...items.values()], next };
}

export async function load() {
  const [asker, asked] = [session.value, asQuery.value];
  const { api } = asker;
  try {
    const [queues, unfilled] = await Promise.all([api.get(`/queues${asked}`), api.get(`/gigs/unfilled${asked}`)]);
    const firsts = { ...queues, unfilled };
    const named = Object.keys(ROWS).map(async (name) => [name, await furtherOf(api, name, firsts[name], asked)]);
    const lists = Object.fromEntries(await Promise.all(named));
    // An answer about another region that comes late is not shown as this one's.
    if (asked !== asQuery.value) return;
    problem.value = null;
    open.value = { queues, lists };
  } catch (bad) {
    problem.value = bad;
    asker.refused(bad);
  }
}

/** Read a list from its begin, or further. */
function readOn(name, rows) {
  read = { name, rows };
  const list = open.value?.lists[name];
  if (list?.next && list.items.length < rows) load();
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

/** What each row says and does; `says` takes how a day is told. `act` opens one dialog; `more` another. */
const ROWS = {
  undelivered: {
    key: (row) => row.offer_id,
    says: (row) => t("tasks.undelivered.row", { name: row.worker, title: row.title, wait: waited(row.created_at) }),
    act: (row) => ({ kind: "call", id: row.worker_id, name: row.worker, gig: row.gig_id, title: row.title, why: t("tasks.undelivered.reason") }),
  },
  unfilled: {
    key: (row) => row.gig_id,
    says: (row, dayOf = day) => t("tasks.unfilled.row", { title: row.title, employer: row.employer, when: `${dayOf(row.starts_at)} ${clock(row.starts_at)}`, n: row.numbers.free_seats }),
    note: said,
    act: (row) => ({ kind: "place", gig: row }),
    more: (row) => ({ kind: "why", gig: row }),
  },
  waiting: {
    key: (row) => row.worker_id,
    says: (row) => t("tasks.waiting.row", { name: row.name, wait: waited(row.since), trades: skills(row.trades) }),
    note: (row) => t(row.offers_today ? "tasks.asked-today" : row.offers_week ? "tasks.asked-week" : "tasks.never-asked", { n: row.offers_today || row.offers_week }),
    act: (row) => ({ kind: "place", worker: row }),
    more: (row) => ({ kind: "why", worker: row }),
  },
  missed: {
    key: (row) => row.assignment_id,
    says: (row, dayOf = day) => t("tasks.missed.row", { name: row.worker, title: row.title, employer: row.employer, when: `${dayOf(row.starts_at)} ${clock(row.starts_at)}` }),
    note: (row) => (row.free_seats ? t("tasks.missed.free", { n: row.free_seats }) : ""),
    act: (row) => ({ kind: "call", id: row.worker_id, name: row.worker, why: t("tasks.missed.reason") }),
  },
  unpaid: {
    key: (row) => row.assignment_id,
    says: (row, dayOf = day) => t("tasks.unpaid.row", { name: row.worker, title: row.title, employer: row.employer, pay: yuan(row.due_fen), due: dayOf(`${row.due_on}T12:00:00+08:00`) }),
    act: (row) => ({ kind: "call", id: row.employer_id, name: row.employer, why: t("tasks.unpaid.reason") }),
  },
};
ROWS.never = ROWS.waiting;
export { ROWS };
/** What a list is about, with the spans that the server counts by. */
export const about = (name, queues) => t(`tasks.${name}.what`, { wait: duration(queues.long_wait_s), grace: duration(queues.undelivered_s) });

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
      <div><h1>${t(`tasks.${shown}`)}</h1><p class="muted">${about(shown, all.queues)}</p></div>
      ${shown === "appeals" ? html`<${Appeals} api=${session.value.api} />` : html`<${Rows} name=${shown} all=${all} onAct=${setDoing} />`}
    </section>
    <${Doing} doing=${doing} onDone=${done} />
  </div>`;
}

function Rows({ name, all, onAct }) {
  const [most, setMost] = useState(SHOWN);
  useEffect(() => setMost(SHOWN), [name]);
  useEffect(() => readOn(name, most), [name, most]);
  const [queue, { items, next }] = [ROWS[name], all.lists[name]];
  if (!items.length) return html`<${Empty} icon="check" title=${t("tasks.clear")}>${t("tasks.clear.what")}</${Empty}>`;
  const rows = items.slice(0, most);
  const left = next || items.length > rows.length;
  return html`<ul class="todo">${rows.map((row) => html`<li key=${queue.key(row)} data-testid=${`row-${name}`} data-id=${queue.key(row)}>
      <div class="grow"><p class="strong">${queue.says(row)}</p>${queue.note?.(row) && html`<p class="muted">${queue.note(row)}</p>`}</div>
      <div class="row">${queue.more && html`<${Button} tone="plain" onClick=${() => onAct(queue.more(row))} data-testid="row-why">${t("tasks.why")}</${Button}>`}
        <${Button} tone="primary" onClick=${() => onAct(queue.act(row))} data-testid="row-act">${t(`tasks.${name}.act`)}</${Button}></div></li>`)}</ul>
    ${left && html`<${Button} tone="plain" busy=${rows.length < most} onClick=${() => setMost(rows.length + MORE)} data-testid="rows-more">${t("tasks.more", { n: rows.length, all: Math.max(items.length, all.queues.counts[name]) })}</${Button}>`}`;
}

function Doing({ doing, onDone }) {
  if (doing?.kind === "place") return html`<${PlaceDialog} worker=${doing.worker} gig=${doing.gig} onClose=${onDone} />`;
  if (doing?.kind === "call") return html`<${CallDialog} person=${doing} onClose=${onDone} />`;
  if (doing?.kind === "why") return html`<${WhyDialog} worker=${doing.worker} gig=${doing.gig} onClose=${onDone} />`;
  return null;
}
