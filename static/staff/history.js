/** Supply and demand over the last hours as a chart, and the map of an earlier minute. */
import { computed, html, signal, useEffect, useRef, useState } from "../lib/html.js";
import { lang, named, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { Button, Choice, Field } from "../ui/controls.js";
import { toastProblem } from "../ui/toast.js";
import { session, trades } from "./desk.js";
import { regionName } from "./region.js";

const SPANS = [1, 6, 24, 168];
const AGAIN_MS = 60_000;
const REPLAYED_H = 24;

/** The kept minute that is shown instead of now: {at, counters, cells}; null is now. */
export const replayed = signal(null);
/** Counts what was asked for, so that a late answer does not take the page back to the past. */
let turns = 0;

const momentOf = ({ at }) => `${day(at)} ${clock(at)}`;
/** When the numbers shown are from; "" for now. */
export const past = computed(() => (replayed.value ? momentOf(replayed.value) : ""));

export function showNow() {
  turns += 1;
  replayed.value = null;
}

/** Stays in view while the past is shown, wherever on the page somebody is: nobody takes it for now. */
export const Past = () => past.value && html`<p class="past-bar" role="status" data-testid="past"><b>${t("replay.past", { at: past.value })}</b>
  <${Button} tone="primary" onClick=${showNow} data-testid="replay-live">${t("replay.live")}</${Button}></p>`;

const workersOf = (counters, trade) => (trade ? (counters.by_trade.find((row) => row.trade === trade)?.workers ?? 0) : counters.available_workers);
/** How many heads there are too few, trade by trade: many porters do not fill a driver's seat. */
const shortOf = (counters, trade) => counters.by_trade.filter((row) => !trade || row.trade === trade)
  .reduce((sum, { workers, free_seats: seats }) => sum + Math.max(0, seats - workers), 0);
const seatsOf = (counters, trade) => (trade ? (counters.by_trade.find((row) => row.trade === trade)?.free_seats ?? 0) : counters.free_seats);

export function History() {
  const [hours, setHours] = useState(6);
  const [trade, setTrade] = useState("");
  const [items, setItems] = useState(null);
  useEffect(() => {
    let current = true;
    const load = () => session.value.api.get(`/market/history?hours=${hours}`).then((view) => current && setItems(view.items), toastProblem);
    load();
    const timer = setInterval(load, AGAIN_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [hours]);
  const points = items?.map((counters) => ({ at: Date.parse(counters.at), workers: workersOf(counters, trade), seats: seatsOf(counters, trade), short: shortOf(counters, trade) }));
  return html`<section class="card stack" data-testid="history"><h2>${t("history.title")}</h2>${regionName.value && html`<p class="muted">${t("history.city")}</p>`}
    <${Choice} label=${t("history.span")} testid="history-hours" chosen=${hours} onChange=${setHours}
      options=${SPANS.map((n) => ({ value: n, label: n < 48 ? t("history.hours", { n }) : t("history.days", { n: n / 24 }) }))} />
    <${Field} label=${t("history.trade")}><select class="input narrow-input" value=${trade} data-testid="history-trade" onChange=${(event) => setTrade(event.target.value)}>
      <option value="">${t("history.every")}</option>${trades.value.map((each) => html`<option key=${each.code} value=${each.code}>${named(each)}</option>`)}</select></${Field}>
    ${!points && html`<p class="muted" role="status">${t("loading")}</p>`}
    ${points?.length === 0 && html`<p class="muted">${t("history.none")}</p>`}
    ${points?.length > 0 && html`<${Chart} points=${points} /><${Told} points=${points} />`}</section>`;
}

/** The chart's message in words, for those who do not see it. */
function Told({ points }) {
  const last = points.at(-1);
  const most = Math.max(...points.map(({ short }) => short));
  const words = { at: clock(last.at), workers: last.workers, seats: last.seats, most };
  return html`<p data-testid="history-told">${t("history.now", words)}${t(most ? "history.short" : "history.enough", words)}</p>`;
}

/** Two lines over time, told apart by dashes too; the library comes only with the first chart. */
function Chart({ points }) {
  const box = useRef(null);
  const plot = useRef(null);
  const data = [points.map(({ at }) => at / 1000), points.map(({ workers }) => workers), points.map(({ seats }) => seats)];
  useEffect(() => {
    let gone = false;
    import("uplot").then(({ default: plain }) => {
      /** @type {any} */
      const UPlot = plain;
      if (gone) return;
      const style = getComputedStyle(box.current);
      const colour = (name) => style.getPropertyValue(name).trim();
      const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line") }, font: "15px sans-serif" };
      plot.current = new UPlot({
        width: box.current.clientWidth, height: 280, tzDate: (s) => UPlot.tzDate(new Date(s * 1000), "Asia/Shanghai"),
        axes: [{ ...axis, values: (_, ticks) => ticks.map((s) => clock(s * 1000)) }, axis],
        series: [{ label: t("history.time"), value: (_, s) => (s === null ? "—" : `${day(s * 1000)} ${clock(s * 1000)}`) },
          { label: t("trade.workers"), stroke: colour("--leaf"), width: 3 },
          { label: t("trade.seats"), stroke: colour("--seal"), width: 3, dash: [8, 5] }],
      }, data, box.current);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lang.value]);
  useEffect(() => plot.current?.setData(data));
  return html`<div class="chart" ref=${box} role="img" aria-label=${t("history.title")} data-testid="chart"></div>`;
}

/** A slider over the minutes whose map is kept. */
export function Replay() {
  const [times, setTimes] = useState(null);
  useEffect(() => {
    session.value.api.get(`/market/history?hours=${REPLAYED_H}`).then((view) => setTimes(view.cells_at), toastProblem);
    return showNow;
  }, []);
  const show = async (index) => {
    const turn = (turns += 1);
    const at = times[index];
    const found = await session.value.api.get(`/market/history/moment?at=${encodeURIComponent(at)}`).catch((problem) => void toastProblem(problem));
    if (found && turn === turns) replayed.value = { at, ...found };
  };
  if (!times) return null;
  if (!times.length) return html`<p class="muted small">${t("replay.none")}</p>`;
  const shown = replayed.value;
  const index = shown ? times.indexOf(shown.at) : times.length - 1;
  return html`<div class="replay" data-testid="replay"><label class="field"><span class="label">${shown ? t("replay.at", { at: momentOf(shown) }) : t("replay.go")}</span>
      <input type="range" min="0" max=${times.length - 1} value=${index} data-testid="replay-slider" aria-valuetext=${`${day(times[index])} ${clock(times[index])}`}
        onInput=${(event) => show(Number(event.target.value))} /></label></div>`;
}
