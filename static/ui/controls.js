/** Buttons, chips, fields, pills and quiet messages that every page is made of. */
import { html, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icons.js";

/**
 * Do one thing at a time: whether it is under way, the problem it ended with, and how to begin it.
 * @returns {[boolean, any, (act: () => Promise<unknown>) => Promise<void>]}
 */
export function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const attempt = async (act) => {
    setBusy(true);
    setProblem(null);
    await act().catch(setProblem);
    setBusy(false);
  };
  return [busy, problem, attempt];
}

/**
 * What was typed, with figures as they are looked for: Chinese keyboards also write them in full width (１３８, ４．５).
 * @param {{target: any}} event
 * @returns {string}
 */
export const typed = (event) => event.target.value.normalize("NFKC");

/** A button; `big` ones are at least 60 px high. `tone`: primary | danger | plain. */
export function Button({ tone = "", big, busy, icon, children, class: extra = "", ...rest }) {
  const look = ["button", tone, big && "big", extra].filter(Boolean).join(" ");
  return html`<button type="button" ...${rest} class=${look} disabled=${rest.disabled || busy}>
    ${icon && html`<${Icon} name=${icon} />`}<span>${busy ? t("wait") : children}</span>
  </button>`;
}

/** Chips of which several may be on. `options`: [{value, label, icon?}]. */
export function Chips({ options, chosen, onChange, label, testid }) {
  const flip = (value) =>
    onChange(chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  return html`<div class="chips" role="group" aria-label=${label}>
    ${options.map(
      ({ value, label: words }) => html`<button
        type="button" class="chip" key=${value} aria-pressed=${chosen.includes(value)}
        data-testid=${testid && `${testid}-${value}`} onClick=${() => flip(value)}>${words}</button>`,
    )}
  </div>`;
}

/** Chips of which exactly one is on. */
export function Choice({ options, chosen, onChange, label, testid }) {
  return html`<div class="chips" role="radiogroup" aria-label=${label}>
    ${options.map(
      ({ value, label: words, icon }) => html`<button
        type="button" class="chip" role="radio" key=${value} aria-checked=${chosen === value}
        data-testid=${testid && `${testid}-${value}`} onClick=${() => onChange(value)}>
        ${icon && html`<${Icon} name=${icon} />`}${words}</button>`,
    )}
  </div>`;
}

/** A labelled control; pass an <input class="input"> or the like as its child. */
export const Field = ({ label, hint, fault, children }) => html`<label class="field">
  <span class="label">${label}</span>${children}
  ${hint && html`<span class="hint">${hint}</span>`}
  ${fault && html`<span class="fault" role="alert">${fault}</span>`}
</label>`;

/** Minus, number, plus. */
export function Stepper({ value, min, max, onChange, label, testid }) {
  const to = (next) => onChange(Math.min(max, Math.max(min, next)));
  return html`<div class="stepper" role="group" aria-label=${label}>
    <button type="button" class="button plain" aria-label=${t("less")} disabled=${value <= min}
      data-testid=${`${testid}-less`} onClick=${() => to(value - 1)}>−</button>
    <output aria-live="polite" data-testid=${testid}>${value}</output>
    <button type="button" class="button plain" aria-label=${t("more")} disabled=${value >= max}
      data-testid=${`${testid}-more`} onClick=${() => to(value + 1)}>＋</button>
  </div>`;
}

/** An empty list that says why it is empty and what will happen. */
export const Empty = ({ icon = "leaf", title, children }) => html`<div class="empty">
  <${Icon} name=${icon} /><h3>${title}</h3><p>${children}</p>
</div>`;

/** A quiet message; `bad` ones are announced. */
export const Notice = ({ tone = "", children }) =>
  html`<div class=${`notice ${tone}`} role=${tone === "bad" ? "alert" : "status"}>${children}</div>`;

const TONES = {
  open: "wait", filled: "good", in_progress: "good",
  confirmed: "good", checked_in: "good", completed: "wait", settled: "good", disputed: "bad",
  cancelled: "", expired: "", cancelled_by_worker: "", cancelled_by_employer: "", no_show: "bad",
};

/** The status of a gig or an assignment: a shape and a word. `noun`: gig | work. */
export const StatusPill = ({ noun, status }) =>
  html`<span class=${`pill ${TONES[status] ?? ""}`} data-status=${status}>${t(`${noun}.${status}`)}</span>`;

/** One line of facts: an icon with its name, and the value. */
export const Fact = ({ icon, name, children }) => html`<dt><${Icon} name=${icon} /><span>${name}</span></dt>
  <dd>${children}</dd>`;
