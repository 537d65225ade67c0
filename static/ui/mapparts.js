/** What every map of ours is made of: metres round the city's centre, a grid, stations, and a scale bar. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";

const M_PER_DEGREE = 111_195;
export const ASPECT = 8 / 5;
/** Marks and letters are sized for a map this many units wide; fewer on a phone, so that they stay legible. */
export const unitsWide = () => Math.max(420, Math.min(1000, innerWidth));
const BARS_M = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];

/** A projection into metres around `centre`, good for a county. */
export function projection(centre) {
  const narrow = Math.cos((centre.lat * Math.PI) / 180) * M_PER_DEGREE;
  return ({ lat, lng }) => ({ x: (lng - centre.lng) * narrow, y: (centre.lat - lat) * M_PER_DEGREE });
}

/** The place of a projected point. */
export function placeOf(centre, { x, y }) {
  const narrow = Math.cos((centre.lat * Math.PI) / 180) * M_PER_DEGREE;
  return { lat: centre.lat - y / M_PER_DEGREE, lng: centre.lng + x / narrow };
}

/** Faint lines every kilometre or ten, so that an empty map still shows where things are. */
export function Grid({ view, height, unit }) {
  const step = view.width > 30_000 ? 10_000 : view.width > 12_000 ? 5_000 : 1_000;
  const lines = [];
  const [left, top, wide, tall] = [view.x - view.width, view.y - height, 3 * view.width, 3 * height];
  for (let x = Math.ceil(left / step) * step; x < left + wide; x += step) lines.push(`M${x} ${top}v${tall}`);
  for (let y = Math.ceil(top / step) * step; y < top + tall; y += step) lines.push(`M${left} ${y}h${wide}`);
  return html`<path class="grid" d=${lines.join("")} stroke-width=${unit} />`;
}

/** Stations with their place; a label that would lie on an earlier one is left to the tooltip. */
export function placed(stations, at, unit) {
  const labels = [];
  return stations.map((station) => {
    const { x, y } = at(station.position);
    const labelled = labels.every((other) => Math.abs(other.x - x) > unit * 150 || Math.abs(other.y - y) > unit * 24);
    if (labelled) labels.push({ x, y });
    return { station, x, y, labelled };
  });
}

/** `label`: where the name stands, if not above the mark. @param {Record<string, any>} props */
export const Station = ({ name, x, y, labelled, label, unit }) => html`<g class="station"><title>${name}</title>
  <circle cx=${x} cy=${y} r=${unit * 6} stroke-width=${unit * 3} />
  ${labelled && html`<text x=${label?.x ?? x} y=${label?.y ?? y - unit * 11} font-size=${unit * 17} stroke-width=${unit * 5}>${name}</text>`}</g>`;

/** A bar of a round length, beside the picture, so that it stays where it is. */
export function Scale({ view }) {
  const length = BARS_M.filter((m) => m < view.width / 3).at(-1) ?? BARS_M[0];
  const words = length < 1000 ? t("map.m", { n: length }) : t("map.km", { n: length / 1000 });
  return html`<div class="scale" style=${{ width: `${(length / view.width) * 100}%` }}>${words}</div>`;
}
