/** Nobody touches: warn for 15 s, then wipe, so that the next person never sees the last one's screen. */
import { effect, html, signal } from "../lib/html.js";
import { lang, t } from "../lib/i18n.js";
import { Button } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { leaveAll, screen } from "./person.js";

const IDLE_S = 60;
const WARN_S = 15;
const left = signal(IDLE_S);

/** Counted when the touch ends: a warning that vanished under the finger would let it hit what lies behind. */
const touched = () => (left.value = IDLE_S);

/** Watch touches and keys; of the hall board only its language times out. */
export function startIdle() {
  for (const kind of ["click", "keydown"]) addEventListener(kind, touched, { passive: true, capture: true });
  effect(() => {
    if (screen.value) touched();
  });
  setInterval(() => {
    // Nobody is there to be warned; but the next one reads Chinese.
    if (screen.value === "hall" && lang.value === "zh") return;
    left.value -= 1;
    if (left.value <= 0) leaveAll();
  }, 1000);
}

export function IdleWarning() {
  if (screen.value === "hall" || left.value > WARN_S) return null;
  return html`<${Dialog} title=${t("idle.title")} onClose=${touched} testid="idle-warning">
    <p aria-live="assertive">${t("idle.what", { n: left.value })}</p>
    <${Button} big tone="primary" onClick=${touched} data-testid="idle-stay">${t("idle.stay")}</${Button}>
    <${Button} big tone="plain" onClick=${leaveAll}>${t("leave")}</${Button}>
  </${Dialog}>`;
}
