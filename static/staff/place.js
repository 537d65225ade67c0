/** Placing by hand: choose the gig for a worker or the worker for a gig, say why, and it is done. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { duration, minutes, span, yuan } from "../lib/format.js";
import { now } from "../lib/clock.js";
import { newId } from "../lib/stream.js";
import { Button, Choice, Empty, Field, Notice } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { session, stationName, tradeOf } from "./desk.js";

/** Reasons that only the clerk knows to be so; those before them come from the server, where they are so. */
const TOLD = ["asked", "employer", "other"];

/** What a refusal by a rule means, in words. */
export function refusal(problem) {
  const rule = problem.code === "not-placeable" && problem.errors?.[0]?.reason;
  return rule ? t(`rule.${rule}`) : explain(problem);
}

/** Give `worker` ({worker_id, name}) one of the gigs there are, or `gig` ({gig_id, title}) one of the workers. */
export function PlaceDialog({ worker, gig, onClose }) {
  const [choices, setChoices] = useState(null);
  const [chosen, setChosen] = useState(null);
  const [done, setDone] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    const path = worker ? `/workers/${worker.worker_id}/openings` : `/gigs/${gig.gig_id}/candidates`;
    session.value.api.get(path).then(({ items }) => setChoices(items), setProblem);
  }, []);
  const title = worker ? t("place.for", { name: worker.name }) : t("place.onto", { title: gig.title });
  const body = () => {
    if (done) return html`<${Done} done=${done} onClose=${onClose} />`;
    if (chosen) return html`<${Reason} worker=${worker ?? chosen} gig=${gig ?? chosen} chance=${chosen} onBack=${() => setChosen(null)} onDone=${setDone} />`;
    if (problem) return html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`;
    if (!choices) return html`<p class="muted" role="status">${t("loading")}</p>`;
    if (!choices.length) return html`<${Empty} title=${t("place.none")}>${t(worker ? "place.none.gigs" : "place.none.workers")}</${Empty}>`;
    return html`<p class="muted">${t(worker ? "place.how.gigs" : "place.how.workers")}</p>
      <ul class="choices">${choices.map((one) => html`<${Chance} key=${one.gig_id ?? one.worker_id} one=${one} onChoose=${setChosen} />`)}</ul>`;
  };
  return html`<${Dialog} title=${title} onClose=${onClose} testid="place">${body()}
    ${!done && !chosen && html`<${Button} big tone="plain" onClick=${onClose} data-testid="place-close">${t("back")}</${Button}>`}</${Dialog}>`;
}

const way = (one) => (one.travel_s === null ? t("place.way.unknown") : t(one.estimated ? "place.way.about" : "place.way", { n: minutes(one.travel_s) }));

function Chance({ one, onChoose }) {
  const head = one.gig_id
    ? html`<b>${one.title}</b> · ${one.employer}<br /><span class="muted">${span(one.starts_at, one.ends_at)} · ${yuan(one.wage.amount_fen)}${t(`per.${one.wage.per}`)} · ${t("unfilled.free", { n: one.free_seats })}</span>`
    : html`<b>${one.name}</b> · ${one.since ? t("place.waited", { time: duration((now() - Date.parse(one.since)) / 1000) }) : ""}
      <br /><span class="muted">${one.trades.map((code) => named(tradeOf(code))).join(t("list.comma"))}${one.station_id ? ` · ${named(stationName(one.station_id))}` : ""}</span>`;
  return html`<li><button type="button" class="choice" disabled=${one.obstacle !== null} onClick=${() => onChoose(one)} data-testid="choice" data-id=${one.gig_id ?? one.worker_id}>
    <span class="grow">${head}</span>
    <span class="row"><span>${way(one)}</span>
      ${one.obstacle ? html`<span class="pill bad">${t(`rule.${one.obstacle}`)}</span>`
        : one.concerns.length ? one.concerns.map((rule) => html`<span class="pill wait" key=${rule}>${t(`rule.${rule}`)}</span>`)
        : html`<span class="pill good">${t("place.fits")}</span>`}</span></button></li>`;
}

function Reason({ worker, gig, chance, onBack, onDone }) {
  // Nothing is chosen for the clerk: the worker reads the reason, and it is kept.
  const [preset, setPreset] = useState("");
  const [words, setWords] = useState("");
  const [agreed, setAgreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [key, setKey] = useState(newId);
  const waited = duration(chance.waited_s ?? 0);
  const labelOf = (value) => t(`place.reason.${value}`, { wait: waited });
  const said = preset && preset !== "other" ? labelOf(preset) : "";
  const reason = [said, words.trim()].filter(Boolean).join("：");
  const send = async () => {
    setBusy(true);
    setProblem(null);
    const asked = { worker_id: worker.worker_id, reason, agreed };
    await session.value.api.post(`/gigs/${gig.gig_id}/place`, asked, key).then(
      (made) => onDone({ made, name: made.assignment?.worker.name ?? worker.name, title: gig.title }),
      (bad) => {
        setProblem(bad);
        // A refusal is remembered under its key: what is sent after it is another wish.
        setKey(newId());
      },
    );
    setBusy(false);
  };
  return html`<p>${t("place.what", { name: worker.name, title: gig.title })} ${way(chance)}</p>
    ${chance.concerns.length > 0 && html`<${Notice}>${t("place.concerns", { rules: chance.concerns.map((rule) => t(`rule.${rule}`)).join(t("list.comma")) })}</${Notice}>`}
    <${Choice} label=${t("place.reason")} testid="place-reason" chosen=${preset} onChange=${setPreset}
      options=${[...chance.grounds, ...TOLD].map((value) => ({ value, label: labelOf(value) }))} />
    <${Field} label=${t("place.words")} hint=${t("place.kept")}><input class="input" maxlength="150" value=${words} data-testid="place-words"
      onInput=${(event) => setWords(event.target.value)} /></${Field}>
    <label class="check"><input type="checkbox" checked=${agreed} data-testid="place-agreed" onChange=${(event) => setAgreed(event.target.checked)} />
      <span>${t("place.agreed")}</span></label>
    ${problem && html`<${Notice} tone="bad">${refusal(problem)}</${Notice}>`}
    ${!reason && html`<p class="muted" data-testid="place-needs">${t("place.needs")}</p>`}
    <${Button} big tone="primary" busy=${busy} disabled=${!reason} onClick=${send} data-testid="place-send">${t(agreed ? "place.accept" : "place.offer")}</${Button}>
    <${Button} big tone="plain" onClick=${onBack}>${t("back")}</${Button}>`;
}

function Done({ done, onClose }) {
  const { made, name, title } = done;
  const words = made.assignment ? t("place.done", { name, title }) : t("place.sent", { name, title });
  return html`<${Notice} tone="good"><span data-testid="place-done">${words}</span></${Notice}>
    <${Button} big tone="primary" onClick=${onClose} data-testid="place-ok">${t("place.ok")}</${Button}>`;
}
