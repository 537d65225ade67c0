/** Every card is read aloud when it is touched; the hall is called by voice, or by a word as large as the screen. */
import { html, signal } from "../lib/html.js";
import { lang, t } from "../lib/i18n.js";
import { canSpeak, chime, speak } from "../lib/speak.js";

const SHOWN_MS = 9_000;

/** The name being called in large letters, or null. */
export const calling = signal(null);

let timer = 0;

/** Call somebody to the screen: chime, voice where there is one, and the name for everybody to see. */
export function call(name) {
  chime();
  speak(t("callup.spoken", { name: name.replace("*", "") }), { lang: lang.value });
  calling.value = name;
  clearTimeout(timer);
  timer = setTimeout(() => (calling.value = null), SHOWN_MS);
}

/** In the hall only: whoever stands at the screen goes on undisturbed. */
export const Calling = () => calling.value && html`<button type="button" class="calling" data-testid="calling" onClick=${() => (calling.value = null)}>
  <span>${t("callup.please")}</span><b>${calling.value}</b><span>${t("callup.come")}</span>
  ${!canSpeak(lang.value) && html`<small>${t("callup.eyes")}</small>`}</button>`;

/** Read what was touched, unless it was something to press. */
export function readOnTouch() {
  addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = /** @type {HTMLElement | null} */ (target.closest?.("[data-read], .card, .callup"));
    if (!card || target.closest("button, a, input, select, label")) return;
    const words = [...card.querySelectorAll("h1, h2, h3, p, dt, dd, li")].map((each) => /** @type {HTMLElement} */ (each).innerText.trim());
    speak(words.filter(Boolean).join("。") || card.innerText, { lang: lang.value, instead: true });
  });
}
