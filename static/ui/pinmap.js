/**
 * A place chosen on our own map: the pin stays in the middle, the map is moved under it, by finger, mouse or arrow
 * keys. What is drawn reaches a view's width beyond what is seen, so that dragging only moves the picture.
 */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { Basemap, basemap, loadBasemap } from "./basemap.js";
import { Button } from "./controls.js";
import { Icon } from "./icons.js";
import { ASPECT, Grid, placed, placeOf, projection, Scale, Station, unitsWide } from "./mapparts.js";

const FIRST_M = 6_000;
const [LEAST_M, MOST_M] = [300, 60_000];
const CLOSER = 0.6;
/** An arrow key moves the map by this part of its width. */
const STEP = 1 / 12;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** `start`: where the pin is at first (WGS-84), the city's centre when there is none. `onMove` gets each place. */
export function PinMap({ api, centre, stations, start, onMove }) {
  const at = projection(centre);
  const around = ({ x, y }, width) => ({ x: x - width / 2, y: y - width / ASPECT / 2, width });
  const [view, setView] = useState(() => around(at(start ?? centre), FIRST_M));
  /** @type {{ current: any }} */
  const drag = useRef(null);
  /** @type {{ current: any }} */
  const svg = useRef(null);
  useEffect(() => void loadBasemap(api), []);
  const height = view.width / ASPECT;
  const unit = view.width / unitsWide();
  const settle = (next) => {
    setView(next);
    onMove({ ...placeOf(centre, { x: next.x + next.width / 2, y: next.y + next.width / ASPECT / 2 }), datum: "wgs84" });
  };
  // The pin points at something from the first moment on.
  useEffect(() => settle(view), []);
  const zoom = (factor) => settle(around({ x: view.x + view.width / 2, y: view.y + height / 2 }, Math.min(MOST_M, Math.max(LEAST_M, view.width * factor))));
  const wheel = (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1 / CLOSER : CLOSER);
  };
  const down = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, scale: view.width / event.currentTarget.clientWidth, now: view };
  };
  const move = (event) => {
    const from = drag.current;
    if (!from) return;
    from.now = { ...view, x: view.x - (event.clientX - from.x) * from.scale, y: view.y - (event.clientY - from.y) * from.scale };
    svg.current.setAttribute("viewBox", `${from.now.x} ${from.now.y} ${from.now.width} ${height}`);
  };
  const up = () => {
    const from = drag.current;
    drag.current = null;
    if (from && from.now !== view) settle(from.now);
  };
  const key = (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    settle({ ...view, x: view.x + arrow[0] * view.width * STEP, y: view.y + arrow[1] * view.width * STEP });
  };
  const shown = drag.current?.now ?? view;
  return html`<div class="pin-map stack">
    <div class="map-frame">
      <svg class="map" ref=${svg} tabindex="0" role="application" aria-label=${t("pin.label")} data-testid="pin-map"
        viewBox=${`${shown.x} ${shown.y} ${shown.width} ${height}`} onWheel=${wheel} onKeyDown=${key}
        onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}>
        <${Grid} view=${view} height=${height} unit=${unit} />
        <${Basemap} sent=${basemap.value} at=${at} view=${view} height=${height} unit=${unit} />
        ${placed(stations, at, unit).map(({ station, ...rest }) => html`<${Station} key=${station.id} name=${named(station)} unit=${unit} ...${rest} />`)}
      </svg>
      <span class="pin"><${Icon} name="pin" /></span>
      <${Scale} view=${view} />
    </div>
    <div class="row"><${Button} tone="plain" aria-label=${t("map.in")} onClick=${() => zoom(CLOSER)} data-testid="pin-in">＋</${Button}>
      <${Button} tone="plain" aria-label=${t("map.out")} onClick=${() => zoom(1 / CLOSER)} data-testid="pin-out">−</${Button}>
      <span class="muted small">${t("pin.how")}</span></div>
    ${basemap.value?.attribution && html`<p class="muted small">${t("map.source", { source: basemap.value.attribution })}</p>`}
  </div>`;
}
