/**
 * Hand-off to other maps, each in its own datum: AMap GCJ-02, Baidu BD-09, `geo:` WGS-84 (RFC 5870).
 * The same formulas as the server's travel/datum.py; mixing them up is 0.6 to 1.2 km in the city.
 */
const AXIS_M = 6378245;
const ECCENTRICITY_SQUARED = 0.00669342162296594323;
const BD_WAVE = (Math.PI * 3000) / 180;
const AMAP_MODE = { walk: "walk", bicycle: "ride", ebike: "ride" };

const inChina = (lat, lng) => lat >= 0.8293 && lat <= 55.8271 && lng >= 72.004 && lng <= 137.8347;
const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;
const waves = (at, terms) => terms.reduce((sum, [height, length]) => sum + height * Math.sin((at / length) * Math.PI), 0);

/** WGS-84 degrees as GCJ-02 [lat, lng]; unchanged outside China. */
export function toGcj02(lat, lng) {
  if (!inChina(lat, lng)) return [lat, lng];
  const x = lng - 105;
  const y = lat - 35;
  const ripple = 20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI);
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) +
    ((ripple + waves(y, [[20, 1], [40, 3], [160, 12], [320, 30]])) * 2) / 3;
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) +
    ((ripple + waves(x, [[20, 1], [40, 3], [150, 12], [300, 30]])) * 2) / 3;
  const sine = Math.sin(radians(lat));
  const flattening = 1 - ECCENTRICITY_SQUARED * sine * sine;
  const meridian = (AXIS_M * (1 - ECCENTRICITY_SQUARED)) / flattening ** 1.5;
  const parallel = (AXIS_M / Math.sqrt(flattening)) * Math.cos(radians(lat));
  return [lat + degrees(north / meridian), lng + degrees(east / parallel)];
}

/** WGS-84 degrees as BD-09 [lat, lng]; unchanged outside China. */
export function toBd09(lat, lng) {
  if (!inChina(lat, lng)) return [lat, lng];
  const [gcjLat, gcjLng] = toGcj02(lat, lng);
  const radius = Math.hypot(gcjLng, gcjLat) + 0.00002 * Math.sin(gcjLat * BD_WAVE);
  const angle = Math.atan2(gcjLat, gcjLng) + 0.000003 * Math.cos(gcjLng * BD_WAVE);
  return [radius * Math.sin(angle) + 0.006, radius * Math.cos(angle) + 0.0065];
}

/**
 * Links to a site. `name` leaves the market with them: pass a place, never a person.
 * @param {{lat: number, lng: number}} site WGS-84
 * @returns {{amap: string, baidu: string, geo: string}}
 */
export function mapLinks(site, name, mode = "car") {
  const fixed = (value) => value.toFixed(6);
  const [gcjLat, gcjLng] = toGcj02(site.lat, site.lng).map(fixed);
  const [bdLat, bdLng] = toBd09(site.lat, site.lng).map(fixed);
  const here = `${fixed(site.lat)},${fixed(site.lng)}`;
  const label = encodeURIComponent(name);
  // AMap splits `to` at commas after decoding it, so a comma in the name would cut it short.
  const plain = encodeURIComponent(name.replaceAll(",", " "));
  const way = AMAP_MODE[mode] ?? "car";
  return {
    amap: `https://uri.amap.com/navigation?to=${gcjLng},${gcjLat},${plain}&mode=${way}&coordinate=gaode&src=gigmarket&callnative=1`,
    baidu: `https://api.map.baidu.com/marker?location=${bdLat},${bdLng}&title=${label}&content=${label}&output=html&coord_type=bd09ll&src=webapp.gigmarket.web`,
    geo: `geo:${here}?q=${here}(${label})`,
  };
}
