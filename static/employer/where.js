/** Where the work is: next to a station, here, on the map, or by coordinates with their datum. */
import { html, useEffect, useState } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { Button, Choice, Field, Notice } from "../ui/controls.js";
import { PinMap } from "../ui/pinmap.js";
import { city } from "../ui/shell.js";
import { api, stations } from "./market.js";

const WAYS = ["station", "here", "map", "coordinates"];
const DATUMS = ["gcj02", "bd09", "wgs84"];
const FIX_MS = 12_000;
const PAUSE_MS = 300;
/** Chips under the address: enough to find one, few enough to read. */
const SHOWN = 6;

export function Where({ form, set }) {
  const [way, setWay] = useState(form.position ? "kept" : "station");
  const pick = ({ address, position }) => {
    set({ address, position });
    setWay("kept");
  };
  // Another posting was taken as the pattern: its place comes with it.
  useEffect(() => setWay(form.position ? "kept" : "station"), [form.like?.id]);
  const start = (next) => {
    if (next === "kept") return;
    setWay(next);
    set({ position: null });
  };
  return html`<section class="card"><h2>2 · ${t("post.where")}</h2>
    <${Field} label=${t("post.address")} hint=${t("post.address.hint")}><input class="input" maxlength="200" value=${form.address}
      autocomplete="street-address" data-testid="post-address" onInput=${(e) => set({ address: e.target.value })} /></${Field}>
    <${Known} words=${form.address} onPick=${pick} />
    <p class="strong">${t("where.how")}</p>
    <${Choice} label=${t("where.how")} chosen=${way} onChange=${start} testid="where"
      options=${[...(way === "kept" ? ["kept"] : []), ...WAYS].map((value) => ({ value, label: t(`where.${value}`) }))} />
    ${way === "kept" && html`<${Notice} tone="good">${t("where.kept.done")}</${Notice}>`}
    ${way === "station" && html`<${NearStation} form=${form} set=${set} />`}
    ${way === "here" && html`<${Here} form=${form} set=${set} />`}
    ${way === "map" && city.value && html`<${PinMap} api=${api} centre=${city.value.center} stations=${stations.value} onMove=${(position) => set({ position })} />`}
    ${way === "coordinates" && html`<${Coordinates} form=${form} set=${set} />`}
  </section>`;
}

/** Places that these words may mean: own sites, stations, and what the city's geocoder knows. */
function Known({ words, onPick }) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    let gone = false;
    const look = () => api.post("/places/find", { q: words.trim().slice(0, 100) })
      .then(({ items }) => gone || setFound(items), () => gone || setFound([]));
    const timer = setTimeout(look, PAUSE_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [words]);
  const others = found.filter(({ address }) => address !== words).slice(0, SHOWN);
  if (!others.length) return null;
  return html`<div class="chips places" role="group" aria-label=${t("where.known")}>${others.map((place) => html`<button type="button"
    class="chip" key=${`${place.source} ${place.name} ${place.address}`} data-testid="place" data-source=${place.source}
    onClick=${() => onPick(place)}>${place.source === "station" ? place.name : place.address}</button>`)}</div>`;
}

const same = (a, b) => a && b && a.lat === b.lat && a.lng === b.lng;

function NearStation({ form, set }) {
  const chosen = stations.value.find(({ position }) => same(position, form.position));
  const pick = (id) => set({ position: stations.value.find((each) => each.id === id)?.position ?? null });
  return html`<${Field} label=${t("where.station.label")} hint=${t("where.station.hint")}>
    <select class="input" value=${chosen?.id ?? ""} data-testid="post-station" onChange=${(e) => pick(e.target.value)}>
      <option value="">${t("where.choose")}</option>
      ${stations.value.map((each) => html`<option key=${each.id} value=${each.id}>${named(each)}</option>`)}
    </select></${Field}>`;
}

function Here({ form, set }) {
  const [state, setState] = useState(null);
  const locate = () => {
    if (!navigator.geolocation || !window.isSecureContext) return setState("refused");
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState(null);
        set({ position: { lat: coords.latitude, lng: coords.longitude, datum: "wgs84" } });
      },
      () => setState("refused"),
      { enableHighAccuracy: true, timeout: FIX_MS },
    );
  };
  return html`<${Button} icon="pin" busy=${state === "asking"} onClick=${locate} data-testid="post-here">${t("where.here.go")}</${Button}>
    ${state === "refused" && html`<${Notice} tone="bad">${t("where.here.refused")}</${Notice}>`}
    ${form.position && html`<${Notice} tone="good">${t("where.here.done")}</${Notice}>`}`;
}

function Coordinates({ form, set }) {
  const [text, setText] = useState(form.position ? `${form.position.lat}, ${form.position.lng}` : "");
  const [datum, setDatum] = useState(form.position?.datum ?? "gcj02");
  const read = (value, kind) => {
    const pair = value.split(/[,，\s]+/).filter(Boolean).map(Number);
    // Maps copy either order; in China a longitude is always the larger number.
    const [lat, lng] = pair[0] > pair[1] ? [pair[1], pair[0]] : pair;
    const fits = pair.length === 2 && pair.every(Number.isFinite) && Math.abs(lat) <= 90 && Math.abs(lng) <= 180;
    set({ position: fits ? { lat, lng, datum: kind } : null });
  };
  return html`<${Field} label=${t("where.coordinates.label")} hint=${t("where.coordinates.hint")}>
      <input class="input" value=${text} placeholder="115.5460, 28.0560" data-testid="post-coordinates"
        onInput=${(e) => { setText(e.target.value); read(e.target.value, datum); }} /></${Field}>
    <${Field} label=${t("where.datum")} hint=${t("where.datum.hint")}>
      <select class="input" value=${datum} data-testid="post-datum" onChange=${(e) => { setDatum(e.target.value); read(text, e.target.value); }}>
        ${DATUMS.map((value) => html`<option key=${value} value=${value}>${t(`datum.${value}`)}</option>`)}
      </select></${Field}>`;
}
