/** A posting in a minute: what, how many, where, when, how much. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { newId } from "../lib/stream.js";
import { fromField, hours, midnight, toField, yuan } from "../lib/format.js";
import { now } from "../lib/clock.js";
import { Button, Choice, Field, Notice, Stepper, typed } from "../ui/controls.js";
import { toast } from "../ui/toast.js";
import { city } from "../ui/shell.js";
import { advised, api, gigs, template, trades } from "./market.js";
import { fenOf } from "./settle.js";
import { Where } from "./where.js";

const HOUR_MS = 3_600_000;
const LEAST_NOTICE_MS = 10 * 60_000;
const PRESETS = [
  { name: "soon", from: () => Math.ceil((now() + HOUR_MS) / (HOUR_MS / 2)) * (HOUR_MS / 2), length: 4 },
  { name: "afternoon", from: () => midnight() + 13.5 * HOUR_MS, length: 4 },
  { name: "morning", from: () => midnight(1) + 7.5 * HOUR_MS, length: 4 },
  { name: "fullday", from: () => midnight(1) + 8 * HOUR_MS, length: 9 },
];
const EMPTY = {
  title: "", trade: null, headcount: 1, address: "", position: null, starts: "", ends: "", preset: null,
  amount: "", per: "day", meals: false, transport: false, note: "", crew: 1,
};

const HEADS = [1, 2, 5, 8, 10, 20];
/** Anybody; two, three or five who come together; or one crew for the whole gig. */
const crewsFor = (heads) => [...new Set([1, 2, 3, 5, Math.min(heads, 10)])].filter((n) => n <= heads).sort((a, b) => a - b);
const TEMPLATES = 6;
const DAY_MS = 24 * HOUR_MS;

/** The hours of a past gig on the first day on which they can still be kept. */
function sameHours(gig) {
  const [starts, ends] = [Date.parse(gig.starts_at), Date.parse(gig.ends_at)];
  const days = Math.max(0, Math.ceil((now() + LEAST_NOTICE_MS - starts) / DAY_MS));
  return { preset: "same", starts: toField(starts + days * DAY_MS), ends: toField(ends + days * DAY_MS) };
}

/** A past gig as the start of a new one: everything but the day. */
function copyOf(gig) {
  if (!gig) return { ...EMPTY, ...preset(PRESETS[2]) };
  return {
    ...EMPTY, ...sameHours(gig), like: gig, title: gig.title, trade: gig.trade, headcount: gig.headcount, address: gig.site.address,
    position: { lat: gig.site.lat, lng: gig.site.lng, datum: "wgs84" }, amount: String(gig.wage.amount_fen / 100),
    per: gig.wage.per, meals: gig.meals, transport: gig.transport, note: gig.note, crew: gig.min_crew,
  };
}

const preset = ({ name, from, length }) => ({ preset: name, starts: toField(from()), ends: toField(from() + length * HOUR_MS) });

function bodyOf(form, titleWords) {
  return {
    title: form.title.trim() || titleWords,
    trade: form.trade,
    headcount: form.headcount,
    site: { ...form.position, address: form.address.trim() },
    starts_at: fromField(form.starts),
    ends_at: fromField(form.ends),
    wage: { amount_fen: fenOf(form.amount), per: form.per },
    settlement: "daily",
    meals: form.meals,
    transport: form.transport,
    note: form.note.trim(),
    min_crew: Math.min(form.crew, form.headcount),
  };
}

/** The last gigs of different kinds, as many as fit on chips. */
function kinds(past) {
  const seen = new Map();
  for (const gig of past) {
    const kind = `${gig.title}|${gig.trade}|${gig.site.address}`;
    if (!seen.has(kind)) seen.set(kind, gig);
  }
  return [...seen.values()].slice(0, TEMPLATES);
}

/** Fen that the minimum wage of the place comes to, per hour or for these hours; 0 where nothing is known. */
function leastFen(form) {
  const hourly = city.value?.least_wage_fen_per_hour ?? 0;
  if (form.per === "hour") return hourly;
  return Math.ceil(hourly * (form.per === "day" ? lengthOf(form) : 0));
}

/** From the start to the end, in hours; 0 until both are known and in order. */
const lengthOf = ({ starts, ends }) =>
  starts && ends > starts ? (Date.parse(fromField(ends)) - Date.parse(fromField(starts))) / HOUR_MS : 0;

/** How many hours a gig may take here; none is too long until the city is known. */
const longest = () => (city.value?.longest_gig_s ?? Infinity) / 3600;

/** The first thing still missing, as a key of words; null when it can be posted. */
function missing(form) {
  if (!form.trade) return "post.need.trade";
  if (!form.address.trim()) return "post.need.address";
  if (!form.position) return "post.need.position";
  if (!form.starts || !form.ends) return "post.need.time";
  if (Date.parse(fromField(form.starts)) <= now()) return "post.need.future";
  if (form.ends <= form.starts) return "post.need.end";
  if (lengthOf(form) > longest()) return "post.need.shorter";
  if (!fenOf(form.amount)) return "post.need.wage";
  return fenOf(form.amount) < leastFen(form) ? "post.need.more" : null;
}

export function Post() {
  const [form, setForm] = useState(() => copyOf(template.value ?? gigs.value[0]));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const sent = useRef({ text: "", key: "" });
  useEffect(() => void (template.value = null), []);
  const fill = (next) => {
    setProblem(null);
    setForm(next);
  };
  const set = (changes) => fill((before) => ({ ...before, ...changes }));
  const trade = trades.value.find(({ code }) => code === form.trade);
  const lack = missing(form);

  const post = async (event) => {
    event.preventDefault();
    if (lack) return;
    const body = bodyOf(form, named(trade));
    const text = JSON.stringify(body);
    // The same wish sent twice (a slow line, an impatient finger) is one posting; a changed one is another.
    if (sent.current.text !== text) sent.current = { text, key: newId() };
    setBusy(true);
    setProblem(null);
    try {
      const gig = await api.post("/gigs", body, sent.current.key);
      advised.value = { gig: gig.id, advice: gig.advice };
      toast(t(gig.advice.length ? "post.done.look" : "post.done"));
      location.hash = `#gig=${gig.id}`;
    } catch (refusal) {
      setProblem(refusal);
    }
    setBusy(false);
  };

  return html`<form class="stack posting" onSubmit=${post} noValidate>
    ${gigs.value.length > 0 && html`<a class="button plain back" href="#">${t("board.back")}</a>`}
    <div><h1>${t("post.title")}</h1><p class="muted">${t("post.intro")}</p></div>
    <${Templates} form=${form} fill=${fill} />
    <section class="card"><h2>1 · ${t("post.what")}</h2>
      <${Choice} label=${t("post.trade")} chosen=${form.trade} onChange=${(value) => set({ trade: value })} testid="post-trade"
        options=${trades.value.map((each) => ({ value: each.code, label: named(each) }))} />
      <${Field} label=${t("post.name")} hint=${t("post.name.hint")}><input class="input" maxlength="60" value=${form.title}
        placeholder=${trade ? named(trade) : t("post.name.example")} data-testid="post-title" onInput=${(e) => set({ title: e.target.value })} /></${Field}>
      <div class="row"><b>${t("post.heads")}</b><${Choice} label=${t("post.heads.usual")} chosen=${form.headcount} testid="heads"
        onChange=${(value) => set({ headcount: value })} options=${HEADS.map((value) => ({ value, label: String(value) }))} /><${Stepper} value=${form.headcount} min=${1} max=${50} label=${t("post.heads")}
        testid="post-headcount" onChange=${(value) => set({ headcount: value })} /></div>
      ${form.headcount > 1 && html`<div class="row"><b>${t("post.crew")}</b><${Choice} label=${t("post.crew")} chosen=${Math.min(form.crew, form.headcount)}
        testid="post-crew" onChange=${(value) => set({ crew: value })} options=${crewsFor(form.headcount).map((value) => ({
          value, label: value === 1 ? t("post.crew.any") : t("post.crew.least", { n: value }) }))} /></div>`}
    </section>
    <${Where} form=${form} set=${set} />
    <${When} form=${form} set=${set} />
    <${Wage} form=${form} set=${set} />
    <div class="stack tight send">
      ${problem && html`<div data-testid="post-problem"><${Notice} tone="bad">${explain(problem)}</${Notice}></div>`}
      ${lack && html`<p class="muted" role="status" data-testid="post-missing">${t(lack, { most: longest() })}</p>`}
      <${Button} big tone="primary" type="submit" busy=${busy} disabled=${Boolean(lack)} data-testid="post-submit">${t("post.submit")}</${Button}></div>
    <p class="muted small">${t("post.after")}</p>
  </form>`;
}

/** What was posted before, one tap away; nothing for whoever posts for the first time. */
function Templates({ form, fill }) {
  const past = kinds(gigs.value);
  if (!past.length) return null;
  const chosen = past.find((gig) => gig.id === form.like?.id)?.id ?? null;
  const options = past.map((gig) => ({ value: gig.id, label: t("template.chip", { title: gig.title, n: gig.headcount }) }));
  return html`<section class="stack tight templates"><h2>${t("template.title")}</h2>
    <${Choice} label=${t("template.title")} chosen=${chosen ?? (form.like ? null : "new")} testid="template"
      onChange=${(id) => fill(copyOf(past.find((gig) => gig.id === id)))}
      options=${[...options, { value: "new", label: t("template.new") }]} />
    ${form.like && html`<p class="muted" data-testid="template-filled">${t("template.filled")}</p>`}</section>`;
}

function When({ form, set }) {
  const offered = PRESETS.filter(({ from }) => from() > now() + LEAST_NOTICE_MS);
  const field = (name) => html`<${Field} label=${t(`post.${name}`)}><input class="input" type="datetime-local" step="300"
    value=${form[name]} data-testid=${`post-${name}`} onInput=${(e) => set({ [name]: e.target.value, preset: null })} /></${Field}>`;
  const length = lengthOf(form) > 0 && hours(fromField(form.starts), fromField(form.ends));
  const long = lengthOf(form) > longest();
  return html`<section class="card"><h2>3 · ${t("post.when")}</h2>
    <${Choice} label=${t("post.when")} chosen=${form.preset} testid="preset"
      onChange=${(name) => set(name === "same" ? sameHours(form.like) : preset(PRESETS.find((each) => each.name === name)))}
      options=${[...(form.like ? ["same"] : []), ...offered.map(({ name }) => name)].map((value) => ({ value, label: t(`preset.${value}`) }))} />
    <div class="pair">${field("starts")}${field("ends")}</div>
    ${length && html`<p class=${long ? "fault" : "muted"} role=${long ? "alert" : null} data-testid="post-length">${t("fact.hours", { n: length })}${
      long && ` · ${t("post.need.shorter", { most: longest() })}`}</p>`}
  </section>`;
}

function Wage({ form, set }) {
  const fen = fenOf(form.amount);
  const length = form.starts && form.ends > form.starts ? hours(fromField(form.starts), fromField(form.ends)) : 0;
  const whole = form.per === "hour" ? fen * length : fen;
  const least = leastFen(form);
  const rule = least > 0 && t(`post.least.${form.per}`, { least: yuan(least), hourly: yuan(city.value.least_wage_fen_per_hour) });
  const low = fen && fen < least;
  const check = (name) => html`<label class="check"><input type="checkbox" checked=${form[name]} data-testid=${`post-${name}`}
    onChange=${(e) => set({ [name]: e.target.checked })} />${t(`extra.${name}`)}</label>`;
  return html`<section class="card"><h2>4 · ${t("post.pay")}</h2>
    <div class="pair"><${Field} label=${t("post.amount")} hint=${!low && rule} fault=${low && rule}><input class="input digits" inputmode="decimal"
        value=${form.amount} aria-invalid=${low ? "true" : null} data-testid="post-wage" onInput=${(e) => set({ amount: typed(e).trim() })} /></${Field}>
      <${Choice} label=${t("post.per")} chosen=${form.per} onChange=${(per) => set({ per })} testid="post-per"
        options=${["day", "hour", "piece"].map((value) => ({ value, label: t(`per.${value}`).replace("/", "") }))} /></div>
    ${fen && form.per !== "piece" && length > 0 ? html`<p class="muted">${t("post.sum", {
      each: yuan(Math.ceil(whole)), hourly: yuan(Math.round(whole / length / 10) * 10), all: yuan(Math.ceil(whole) * form.headcount) })}</p>` : null}
    <div class="row">${check("meals")}${check("transport")}</div>
    <${Field} label=${t("post.note")} hint=${t("post.note.hint")}><input class="input" maxlength="500" value=${form.note} data-testid="post-note"
      onInput=${(e) => set({ note: e.target.value })} /></${Field}>
    <p class="muted small">${t("post.daily")}</p>
  </section>`;
}
