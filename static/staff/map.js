/**
 * The live map, drawn here: cells of ~500 m by workers looking for work, free seats as a second mark,
 * stations as named points and a scale bar. Metres east and south of the city's centre are its units;
 * nothing is fetched from outside. What is drawn reaches a view's width beyond what is seen, so that dragging
 * only moves the picture; it is drawn anew when the drag ends.
 */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { lang, named, t } from "../lib/i18n.js";
import { Button } from "../ui/controls.js";
import { Basemap, basemap } from "../ui/basemap.js";
import { ASPECT, Grid, placeOf, projection, Scale, Station, unitsWide } from "../ui/mapparts.js";
import { part, shade } from "./coverage.js";
import { boxOf, labelled } from "./labels.js";

const LEAST_M = 5_000;
const STEPS = [3, 6, 12, 25, 50];
/** A finger that moved less than this many px has tapped, and not dragged. */
const TAP_PX = 6;

/** The smallest view of the map's shape that holds all points, with a margin. */
function viewOf(points) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const width = Math.max(LEAST_M, (right - left) * 1.15, (bottom - top) * 1.3 * ASPECT);
  return { x: (left + right) / 2 - width / 2, y: (top + bottom) / 2 - width / ASPECT / 2, width };
}

/** Where most of the market is: the points without the outermost fifth on each side. */
function busiest(points) {
  const cut = Math.floor(points.length / 5);
  const middle = (axis) => [...points].sort((a, b) => a[axis] - b[axis]).slice(cut, points.length - cut);
  const x = middle("x");
  const y = middle("y");
  return points.filter((p) => p.x >= x[0].x && p.x <= x.at(-1).x && p.y >= y[0].y && p.y <= y.at(-1).y);
}

const level = (workers) => (workers === null ? 1 : STEPS.filter((step) => workers >= step).length + (workers > 0 ? 1 : 0));

/** Cells narrower than this many units are drawn as one with their neighbours. */
const LEAST_UNITS = 5;
/** Fewer people than this are never told apart from one another (as on the server). */
const FEW = 3;

/** Neighbouring cells together, as many a side as it takes to be seen; few people stay few. */
function together(cells, at, sizeM, unit) {
  const side = Math.ceil((LEAST_UNITS * unit) / sizeM);
  if (side <= 1) return cells;
  const blocks = new Map();
  for (const cell of cells) {
    const { x, y } = at(cell);
    const key = `${Math.floor(x / (sizeM * side))}:${Math.floor(y / (sizeM * side))}`;
    const block = blocks.get(key);
    if (!block) blocks.set(key, { ...cell, key, people: cell.workers ?? 1, half_lat: cell.half_lat * side, half_lng: cell.half_lng * side });
    else {
      block.people += cell.workers ?? 1;
      block.free_seats += cell.free_seats;
    }
  }
  return [...blocks.values()].map((block) => ({ ...block, workers: block.people > 0 && block.people < FEW ? null : block.people }));
}

/** The cells that are seen, or would be after a drag of a view's width or height. */
const around = (cells, at, view, height) => cells.filter((cell) => {
  const { x, y } = at(cell);
  return x > view.x - view.width && x < view.x + 2 * view.width && y > view.y - height && y < view.y + 2 * height;
});

/** `home`: places that are seen at first, whatever else is; `past`: when the cells are from, "" for now. @param {Record<string, any>} props */
export function CellMap({ cells, cellM, stations, centre, home, overlay = {}, past = "", onPick }) {
  const [moved, setMoved] = useState(null);
  const fitted = useRef(null);
  const drag = useRef(null);
  const svg = useRef(null);
  const drawn = useRef(/** @type {any} */ ({}));
  const at = projection(centre);
  const points = cells.map(at);
  if (!fitted.current && points.length) fitted.current = viewOf(busiest(points).concat(home.map(at)));
  const view = moved ?? fitted.current ?? viewOf(home.map(at));
  const height = view.width / ASPECT;
  const unit = view.width / unitsWide();

  // A station chosen beside the map may lie far outside what is shown.
  useEffect(() => {
    if (!overlay.reach) return;
    const { x, y } = at(overlay.reach.site);
    const shown = x > view.x && x < view.x + view.width && y > view.y && y < view.y + height;
    if (!shown) setMoved(viewOf([...overlay.reach.cells, overlay.reach.site].map(at)));
  }, [overlay.reach]);

  const zoom = (factor) => {
    const width = Math.min(120_000, Math.max(1_000, view.width * factor));
    setMoved({ width, x: view.x + (view.width - width) / 2, y: view.y + (height - width / ASPECT) / 2 });
  };
  const wheel = (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2);
  };
  const down = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, view, scale: view.width / event.currentTarget.clientWidth };
  };
  const move = (event) => {
    const from = drag.current;
    if (!from) return;
    from.now = { ...from.view, x: from.view.x - (event.clientX - from.x) * from.scale, y: from.view.y - (event.clientY - from.y) * from.scale };
    // Not by drawing anew: that takes longer than a frame when the city is full.
    svg.current.setAttribute("viewBox", `${from.now.x} ${from.now.y} ${from.now.width} ${height}`);
  };
  const up = (event) => {
    const from = drag.current;
    drag.current = null;
    if (from?.now) setMoved(from.now);
    if (!from || !onPick || Math.hypot(event.clientX - from.x, event.clientY - from.y) > TAP_PX) return;
    const box = event.currentTarget.getBoundingClientRect();
    const scale = view.width / box.width;
    const tapped = { x: view.x + (event.clientX - box.left) * scale, y: view.y + (event.clientY - box.top) * scale };
    const far = (station) => Math.hypot(at(station.position).x - tapped.x, at(station.position).y - tapped.y);
    const nearest = [...stations].sort((a, b) => far(a) - far(b))[0];
    onPick(nearest && far(nearest) < unit * 14 ? nearest : placeOf(centre, tapped));
  };
  const workers = cells.reduce((sum, cell) => sum + (cell.workers ?? 0), 0);
  const seats = cells.reduce((sum, cell) => sum + cell.free_seats, 0);
  // While a finger drags, an update of the cells does not take the picture back.
  const shown = drag.current?.now ?? view;

  /** The same drawing is the same object, so that preact leaves it alone. */
  const picture = () => {
    const parts = [cells, overlay, stations, view, lang.value, basemap.value];
    if (!drawn.current.picture || (!drag.current && parts.some((part, i) => part !== drawn.current.parts[i]))) {
      const near = together(around(cells, at, view, height), at, cellM, unit);
      drawn.current = { parts, picture: html`<g><${Grid} view=${view} height=${height} unit=${unit} />
        <${Basemap} sent=${basemap.value} at=${at} view=${view} height=${height} unit=${unit} />
        ${near.map((cell) => html`<${Cell} key=${cell.key} cell=${cell} at=${at} unit=${unit} />`)}
        ${overlay.reach && html`<${Reach} reach=${overlay.reach} at=${at} unit=${unit} />`}
        ${labelled(stations, at, unit, named, near.flatMap((cell) => numbersOf(cell, at, unit))).map(({ station, ...rest }) => html`<${Station} key=${station.id} name=${named(station)} unit=${unit} ...${rest} />`)}
        ${near.filter((cell) => cell.free_seats > 0).map((cell) => html`<${Seats} key=${cell.key} cell=${cell} at=${at} unit=${unit} />`)}
        ${(overlay.sites ?? []).map((site, index) => html`<${Site} key=${index} site=${site} number=${index + 1} at=${at} unit=${unit} />`)}</g>` };
    }
    return drawn.current.picture;
  };

  return html`<div class="map-tools row">
      <${Button} tone="plain" aria-label=${t("map.in")} onClick=${() => zoom(0.7)} data-testid="map-in">＋</${Button}>
      <${Button} tone="plain" aria-label=${t("map.out")} onClick=${() => zoom(1 / 0.7)} data-testid="map-out">−</${Button}>
      <${Button} tone="plain" onClick=${() => setMoved(viewOf(points.concat(stations.map((s) => at(s.position)), at(centre))))} data-testid="map-all">${t("map.all")}</${Button}>
      <${Button} tone="plain" onClick=${() => { fitted.current = null; setMoved(null); }} data-testid="map-busy">${t("map.busy")}</${Button}>
    </div>
    <div class=${`map-frame ${past ? "past" : ""}`}>
      ${past && html`<span class="when" data-testid="map-past">${past}</span>`}
      <svg class="map" ref=${svg} role="img" aria-label=${t("map.label", { workers, seats, cells: cells.length })} data-testid="cell-map" data-cells=${cells.length}
        viewBox=${`${shown.x} ${shown.y} ${shown.width} ${height}`} onWheel=${wheel} onPointerDown=${down} onPointerMove=${move}
        onPointerUp=${up} onPointerCancel=${() => (drag.current = null)}>${picture()}</svg>
      <${Scale} view=${view} />
    </div>
    ${basemap.value?.attribution && html`<p class="muted small">${t("map.source", { source: basemap.value.attribution })}</p>`}
    <${Legend} />`;
}

/** A cell's corners, and its number: {text, x, y, size}, null where it has none or would be too small to read. */
function drawnCell(cell, at, unit) {
  const corner = at({ lat: cell.lat + cell.half_lat, lng: cell.lng - cell.half_lng });
  const far = at({ lat: cell.lat - cell.half_lat, lng: cell.lng + cell.half_lng });
  const wide = far.x - corner.x;
  const text = cell.workers === null ? t("map.few") : String(cell.workers);
  const read = cell.workers !== 0 && wide > unit * 26;
  return { corner, far, wide, number: read ? { text, x: (corner.x + far.x) / 2, y: (corner.y + far.y) / 2, size: Math.min(wide * 0.42, unit * 24) } : null };
}

const seatsAt = (cell, at, unit) => ({ ...at({ lat: cell.lat + cell.half_lat * 0.6, lng: cell.lng + cell.half_lng * 0.6 }), size: Math.max(unit * 11, Math.min(unit * 15, 130)) });

/** The boxes of a cell's numbers, which no name may cover. */
function numbersOf(cell, at, unit) {
  const { number } = drawnCell(cell, at, unit);
  const boxes = number ? [boxOf(number.text, number.size, number)] : [];
  if (cell.free_seats > 0) {
    const { x, y, size } = seatsAt(cell, at, unit);
    boxes.push({ left: x - size, right: x + size, top: y - size, bottom: y + size });
  }
  return boxes;
}

function Cell({ cell, at, unit }) {
  const { corner, far, wide, number } = drawnCell(cell, at, unit);
  const gap = wide * 0.03;
  return html`<g class=${`cell level-${level(cell.workers)}`} data-testid="cell" data-key=${cell.key}>
    <rect x=${corner.x + gap} y=${corner.y + gap} width=${wide - 2 * gap} height=${far.y - corner.y - 2 * gap} rx=${wide * 0.1} />
    ${number && html`<text x=${number.x} y=${number.y} font-size=${number.size}>${number.text}</text>`}
  </g>`;
}

function Seats({ cell, at, unit }) {
  const { x, y, size } = seatsAt(cell, at, unit);
  return html`<g class="seats-mark"><path d=${`M${x} ${y - size}l${size} ${size}l${-size} ${size}l${-size} ${-size}Z`} />
    <text x=${x} y=${y} font-size=${size * 0.95}>${cell.free_seats}</text></g>`;
}

/** From where a place is reached in time, darkest where it is nearest, and the place itself. */
function Reach({ reach, at, unit }) {
  const { x, y } = at(reach.site);
  return html`<g data-testid="reach" data-cells=${reach.cells.length} pointer-events="none">
    ${reach.cells.map((cell) => {
      const corner = at({ lat: cell.lat + cell.half_lat, lng: cell.lng - cell.half_lng });
      const far = at({ lat: cell.lat - cell.half_lat, lng: cell.lng + cell.half_lng });
      return html`<rect key=${cell.key} x=${corner.x} y=${corner.y} width=${far.x - corner.x} height=${far.y - corner.y}
        ...${shade(part(cell.seconds, reach.limit_s))} />`;
    })}
    <path d=${`M${x - unit * 9} ${y}h${unit * 18}M${x} ${y - unit * 9}v${unit * 18}`} stroke="#fff" stroke-width=${unit * 7} />
    <path d=${`M${x - unit * 8} ${y}h${unit * 16}M${x} ${y - unit * 8}v${unit * 16}`} stroke="#a83c18" stroke-width=${unit * 4} />
  </g>`;
}

/** A proposed station: its number on a square. */
function Site({ site, number, at, unit }) {
  const { x, y } = at(site);
  return html`<g data-testid="next-site" pointer-events="none">
    <rect x=${x - unit * 12} y=${y - unit * 12} width=${unit * 24} height=${unit * 24} rx=${unit * 4} fill="#f6c445" stroke="#3b2a00" stroke-width=${unit * 2} />
    <text x=${x} y=${y} font-size=${unit * 17} fill="#3b2a00" dominant-baseline="central">${number}</text></g>`;
}

const Legend = () => html`<ul class="legend">
  <li><span class="swatches" aria-hidden="true">${[1, 2, 3, 4, 5, 6].map((each) => html`<i class=${`level-${each}`} key=${each}></i>`)}</span>${t("legend.workers")}</li>
  <li><span class="diamond" aria-hidden="true">◆</span>${t("legend.seats")}</li>
  <li><span class="ring" aria-hidden="true">◎</span>${t("legend.stations")}</li>
</ul>`;
