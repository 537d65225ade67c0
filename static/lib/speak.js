/**
 * Voice, a soft chime and vibration. Browsers allow them only after a first tap; without a Chinese voice the page
 * stays silent, because a screen reading Chinese in an English voice helps nobody.
 */
import { signal } from "@preact/signals";

let audio = null;

/** Whether the browser lets this page make a sound yet. */
export const soundOn = signal(false);

/** Listen for the first tap; safe to call more than once. */
export function allowSoundAfterTap() {
  const allow = () => {
    soundOn.value = true;
    audio ??= window.AudioContext ? new AudioContext() : null;
    audio?.resume();
  };
  // When the touch ends: words that change under the finger would let it hit something else.
  addEventListener("click", allow, { once: true, passive: true });
  addEventListener("keydown", allow, { once: true });
}

const voice = (lang) => window.speechSynthesis?.getVoices().find((each) => each.lang.toLowerCase().startsWith(lang));

/** Whether this browser can read aloud in a language; voices may load late, so ask when drawing. */
export const canSpeak = (lang = "zh") => Boolean(voice(lang));

/** Read a sentence aloud, after what is being read already; `instead` cuts that short. */
export function speak(text, { lang = "zh", instead = false } = {}) {
  const chosen = voice(lang);
  if (!soundOn.value || !chosen) return;
  if (instead) speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.voice = chosen;
  words.lang = chosen.lang;
  words.rate = 0.9;
  speechSynthesis.speak(words);
}

/** Two soft notes and a short buzz: noticed in a pocket, not alarming in a hall. Before a first tap neither is allowed. */
export function chime() {
  if (!soundOn.value) return;
  navigator.vibrate?.([180, 90, 180]);
  if (!audio) return;
  [523.25, 659.25].forEach((pitch, index) => note(pitch, audio.currentTime + index * 0.22));
}

function note(pitch, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.65);
}
