/**
 * Where the gigs around me are, on our own map: an area of half a kilometre for each until it is taken, myself in
 * the middle, stations, rivers and roads. The list below says the same in words.
 */
import { html, useEffect, useState } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { minutes } from "../lib/format.js";
import { Basemap, basemap, loadBasemap } from "../ui/basemap.js";
import { Button } from "../ui/controls.js";
import { ASPECT, Grid, placed, projection, Scale, Station, unitsWide } from "../ui/mapparts.js";

const AREA_M = 250;
const [LEAST_M, MOST_M] = [1_200, 60_000];
const CLOSER = 0.6;

/** Gigs by the area they are in: [{key, area, rows}]. */
export function areasOf(rows) {
  const areas = new Map();
  for (const row of rows) {
    const key = `${row.gig.area.lat},${row.gig.area.lng}`;
    areas.set(key, { key, area: row.gig.area, rows: [...(areas.get(key)?.rows ?? []), row] });
  }
  return [...areas.values()];
}

/** The smallest map around `middle` that shows every point. */
function widthFor(middle, points) {
  const reach = points.map(({ x, y }) => Math.max(Math.abs(x - middle.x), Math.abs(y - middle.y) * ASPECT) + 2 * AREA_M);
  return Math.min(MOST_M, Math.max(LEAST_M, 2 * Math.max(0, ...reach)));
}

function Mark({ area, at, unit, chosen, onChoose }) {
  const { x, y } = at(area.area);
  const [{ gig, travel_s: way }] = area.rows;
  const one = area.rows.length === 1;
  const words = one ? t("nearby.mark", { title: gig.title, n: minutes(way) }) : t("nearby.several", { n: area.rows.length });
  const choose = () => onChoose(chosen ? null : area.key);
  const key = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), choose());
  return html`<g class=${`work ${chosen ? "chosen" : ""}`} role="button" tabindex="0" aria-pressed=${chosen} aria-label=${words}
    data-testid="nearby-mark" onClick=${choose} onKeyDown=${key}>
    <circle class="area" cx=${x} cy=${y} r=${Math.max(AREA_M, unit * 20)} stroke-width=${unit * 2} />
    <circle class="dot" cx=${x} cy=${y} r=${unit * 19} stroke-width=${unit * 3} />
    <text x=${x} y=${y + unit * 6} font-size=${unit * 17}>${one ? t("nearby.way", { n: minutes(way) }) : area.rows.length}</text></g>`;
}

/**
 * `rows`: what GET /gigs/nearby lists; `here`: my position, if it is known; `chosen`: the key of an area.
 * @param {{api: any, rows: any[], here: any, centre: any, stations: any[], chosen: string | null, onChoose: Function}} props
 */
export function NearbyMap({ api, rows, here, centre, stations, chosen, onChoose }) {
  const [zoom, setZoom] = useState(1);
  useEffect(() => void loadBasemap(api), []);
  const at = projection(centre);
  const areas = areasOf(rows);
  const middle = at(here ?? centre);
  const width = Math.min(MOST_M, Math.max(LEAST_M / 2, widthFor(middle, areas.map(({ area }) => at(area))) * zoom));
  const height = width / ASPECT;
  const view = { x: middle.x - width / 2, y: middle.y - height / 2, width };
  const unit = width / unitsWide();
  return html`<div class="nearby-map stack tight">
    <div class="map-frame"><svg class="map still" viewBox=${`${view.x} ${view.y} ${width} ${height}`} role="group"
      aria-label=${t("nearby.map")} data-testid="nearby-map">
      <${Grid} view=${view} height=${height} unit=${unit} />
      <${Basemap} sent=${basemap.value} at=${at} view=${view} height=${height} unit=${unit} />
      ${placed(stations, at, unit).map(({ station, ...rest }) => html`<${Station} key=${station.id} name=${named(station)} unit=${unit} ...${rest} />`)}
      ${areas.map((area) => html`<${Mark} key=${area.key} area=${area} at=${at} unit=${unit} chosen=${area.key === chosen} onChoose=${onChoose} />`)}
      ${here && html`<g class="me"><circle cx=${middle.x} cy=${middle.y} r=${unit * 9} stroke-width=${unit * 4} />
        <text x=${middle.x} y=${middle.y + unit * 27} font-size=${unit * 17} stroke-width=${unit * 5}>${t("nearby.here")}</text></g>`}
    </svg><${Scale} view=${view} /></div>
    <div class="row"><${Button} tone="plain" aria-label=${t("map.in")} onClick=${() => setZoom(zoom * CLOSER)} data-testid="nearby-in">＋</${Button}>
      <${Button} tone="plain" aria-label=${t("map.out")} onClick=${() => setZoom(zoom / CLOSER)} data-testid="nearby-out">−</${Button}>
      <span class="muted small grow">${t("nearby.map.how")}</span></div>
    ${basemap.value?.attribution && html`<p class="muted small">${t("map.source", { source: basemap.value.attribution })}</p>`}
  </div>`;
}
