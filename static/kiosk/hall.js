/** The station's hall: the kiosk's own session and stream, who waits and who is called up. */
import { computed, signal } from "../lib/html.js";
import { createSession } from "../lib/session.js";
import { createLive } from "../lib/live.js";
import { chime, speak } from "../lib/speak.js";
import { lang, t } from "../lib/i18n.js";

const AGAIN_MS = 25_000;

export const kiosk = createSession("kiosk");
export const clerk = createSession("clerk");

/** Counts the hall's changes, so that an identified worker's offers are looked up again. */
export const changes = signal(0);

export const live = createLive(kiosk.api, "kiosk", ({ kind, data }) => {
  changes.value += 1;
  if (kind === "offer.created") callUp(data.offer);
});
export const station = computed(() => live.state.value?.station ?? null);
export const waiting = computed(() => live.state.value?.hall ?? []);

/** Those to come to the screen, the most urgent first. */
export const called = computed(() =>
  [...(live.state.value?.offers ?? [])].sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at)),
);

/** Call by family name, in the hall's language, and once more if nobody has come. */
function callUp(offer) {
  const say = () => speak(t("callup.spoken", { name: offer.worker.name.replace("*", "") }), { lang: lang.value });
  chime();
  say();
  setTimeout(() => called.value.some(({ id }) => id === offer.id) && say(), AGAIN_MS);
}
