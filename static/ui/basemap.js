/** The city's rivers and main roads under the map's cells, from our own road data; none without it. */
import { html, signal } from "../lib/html.js";

const PER_DEGREE = 100_000;
/** In a view wider than this many metres, minor roads would only make it grey. */
const MINOR_M = 25_000;
const LAYERS = ["river", "minor", "major"];

/** @type {{ value: any }} What the server sent; null before that. */
export const basemap = signal(null);

/** Fetch the lines once. A map without roads is still a map. */
export async function loadBasemap(api) {
  basemap.value ??= await api.get("/market/basemap").catch(() => null);
}

/** Lines as flat metres, each with the rectangle that it lies in. */
function projected(lines, at) {
  return lines.map((line) => {
    const metres = [];
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0, lat = 0, lng = 0; i < line.length; i += 2) {
      lat += line[i];
      lng += line[i + 1];
      const { x, y } = at({ lat: lat / PER_DEGREE, lng: lng / PER_DEGREE });
      metres.push(Math.round(x), Math.round(y));
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
    return { metres, box };
  });
}

/** The projection depends on the city's centre alone, so it is done once for what was sent. */
const kept = new WeakMap();
function layersOf(sent, at) {
  if (!kept.has(sent)) kept.set(sent, Object.fromEntries(LAYERS.map((name) => [name, projected(sent.layers[name], at)])));
  return kept.get(sent);
}

/** SVG path of the lines that are seen, or would be after a drag of a view's width or height. */
function drawn(lines, view, height) {
  const parts = [];
  for (const { metres, box } of lines) {
    if (box[2] < view.x - view.width || box[0] > view.x + 2 * view.width || box[3] < view.y - height || box[1] > view.y + 2 * height) continue;
    parts.push(`M${metres[0]} ${metres[1]}L${metres.slice(2).join(" ")}`);
  }
  return parts.join("");
}

export function Basemap({ sent, at, view, height, unit }) {
  if (!sent) return null;
  const layers = layersOf(sent, at);
  const widths = { river: Math.max(5 * unit, 40), major: 2.5 * unit, minor: 1.2 * unit };
  return html`<g class="basemap" data-testid="basemap" pointer-events="none">${LAYERS.filter((name) => name !== "minor" || view.width < MINOR_M)
    .map((name) => html`<path key=${name} class=${name} stroke-width=${widths[name]} d=${drawn(layers[name], view, height)} />`)}</g>`;
}
