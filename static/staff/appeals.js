/** Appeals against decisions, the longest waiting first, and their answers. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { newId } from "../lib/stream.js";
import { Button, Notice } from "../ui/controls.js";
import { said } from "../ui/funnel.js";

const EVERY_MS = 20_000;

/** Every open appeal, however many pages they fill, and some of the answered ones that follow. */
async function everyOpen(api) {
  const items = [];
  for (let cursor = ""; ; ) {
    const page = await api.get(`/appeals${cursor}`);
    items.push(...page.items);
    if (!page.next || items.at(-1).answer !== null) return items;
    cursor = `?cursor=${encodeURIComponent(page.next)}`;
  }
}

export function Appeals({ api }) {
  const [items, setItems] = useState(null);
  const [problem, setProblem] = useState(null);
  const load = () => everyOpen(api).then((all) => {
    setItems(all);
    setProblem(null);
  }, setProblem);
  useEffect(() => {
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const waiting = items?.filter(({ answer }) => answer === null).length;
  return html`<div class="stack" data-testid="appeals">
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${waiting === 0 && html`<p class="muted">${t("desk.appeals.none")}</p>`}
    <ul class="todo">${items?.map((appeal) => html`<${Appeal} key=${appeal.id} api=${api} appeal=${appeal} onDone=${load} />`)}</ul>
  </div>`;
}

function Appeal({ api, appeal, onDone }) {
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [key] = useState(newId);
  const send = async () => {
    setBusy(true);
    await api.post(`/appeals/${appeal.id}/answer`, { words }, key).then(onDone, setProblem);
    setBusy(false);
  };
  return html`<li data-testid="appeal" data-appeal=${appeal.id}><div class="stack tight grow">
    <div class="row apart"><b>${appeal.worker} · ${appeal.gig_title}</b>
      <span class=${`pill ${appeal.answer === null ? "wait" : "good"}`}>${t(appeal.answer === null ? "appeal.waiting" : "appeal.answered")}</span></div>
    <p class="muted small">${day(appeal.created_at)} ${clock(appeal.created_at)} · ${said(appeal.reason)}</p>
    <p>${appeal.words}</p>
    ${appeal.answer !== null ? html`<p>${t("appeal.answer", { words: appeal.answer })}</p>` : html`
      <label class="field"><span class="label">${t("desk.answer.label")}</span>
        <textarea class="input" rows="2" maxlength="500" value=${words} data-testid="answer-words"
          onInput=${(event) => setWords(event.target.value)}></textarea></label>
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
      <${Button} tone="primary" busy=${busy} disabled=${!words.trim()} onClick=${send} data-testid="answer-send">${t("desk.answer.send")}</${Button}>`}
  </div></li>`;
}
