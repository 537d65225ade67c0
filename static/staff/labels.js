/** Station names on the labour map: where they cover no number and no other name; else a name is left to the tooltip. */

/** Where a name may stand: half its width to the left or right or over the mark, and its baseline below it, in units. */
const SPOTS = [[0, -11], [0, -14], [0, -17], [0, -20], [0, -23], [0, 22], [0, 25], [0, 28], [0, 31],
  ...[6, 2, 10, -2, 14, -6, 18, -10].flatMap((down) => [[1, down], [-1, down]])];
const LETTER = 17;
const GAP = 10;

/** Chinese letters are as wide as high, others about half. */
const widthOf = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.6), 0) * LETTER;
const apart = (a, b) => a.right < b.left || a.left > b.right || a.bottom < b.top || a.top > b.bottom;

/** The box of a text of this size around a point. */
export function boxOf(text, size, { x, y }) {
  const half = (widthOf(text) * size) / LETTER / 2;
  return { left: x - half, right: x + half, top: y - size * 0.5, bottom: y + size * 0.5 };
}

/** Stations with their place, and where the name stands: `label`, null for none. `taken`: boxes to keep clear. */
export function labelled(stations, at, unit, nameOf, taken) {
  const kept = [...taken];
  return stations.map((station) => {
    const { x, y } = at(station.position);
    const half = (widthOf(nameOf(station)) / 2) * unit;
    const label = SPOTS.map(([side, down]) => ({ x: x + side * (half + GAP * unit), y: y + down * unit })).find((spot) => {
      const box = { left: spot.x - half, right: spot.x + half, top: spot.y - 16 * unit, bottom: spot.y + 5 * unit };
      const free = kept.every((other) => apart(box, other));
      if (free) kept.push(box);
      return free;
    });
    return { station, x, y, labelled: Boolean(label), label };
  });
}
