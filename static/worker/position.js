/**
 * Where the worker is: by GPS with consent, by a station picked by hand, or (demo only) the city centre.
 * Shared every 10 s while looking for work and never otherwise.
 */
import { effect, signal } from "../lib/html.js";
import { recall, remember } from "../lib/remember.js";
import { live, me } from "./market.js";

const EVERY_MS = 10_000;
const FIRST_FIX_MS = 12_000;

/** gps | station | centre: how the shared position is known; remembered for the next start. */
export const source = signal(recall("position", "gps"));
export const consented = () => recall("consent") === "1";

let last = null;
let watch = null;

export function choose(kind, point) {
  source.value = kind;
  last = point;
  remember("position", kind);
  if (kind === "gps") remember("consent", "1");
}

/** One GPS fix; rejects when refused, unavailable or too slow. */
export function locate() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation || !window.isSecureContext) return reject(new Error("unavailable"));
    const options = { enableHighAccuracy: true, timeout: FIRST_FIX_MS, maximumAge: 30_000 };
    navigator.geolocation.getCurrentPosition((fix) => resolve(pointOf(fix)), reject, options);
  });
}

const pointOf = ({ coords }) => ({ lat: coords.latitude, lng: coords.longitude, datum: "wgs84" });

function follow(on) {
  if (on && watch === null && source.value === "gps" && consented() && navigator.geolocation) {
    watch = navigator.geolocation.watchPosition((fix) => (last = pointOf(fix)), () => {}, {
      enableHighAccuracy: true,
      maximumAge: EVERY_MS,
    });
  }
  if (!on && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    watch = null;
  }
}

/** Whether positions go out now. */
export const sharing = () => ["available", "offered"].includes(me.value?.presence.status);

function share() {
  if (!sharing() || me.value.presence.station_id) return;
  const point = last ?? me.value.presence.position;
  if (point) live.position(point);
}

/** Begin with the page: follow and share exactly while looking for work. */
export function startSharing() {
  effect(() => follow(sharing() && source.value === "gps"));
  setInterval(share, EVERY_MS);
}
