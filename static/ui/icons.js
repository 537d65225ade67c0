/** Line icons drawn for these pages; each stands beside a word, so all are hidden from screen readers. */
import { html } from "../lib/html.js";

const SHAPES = {
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z",
  bowl: "M3 11h18a9 8 0 0 1-5 8H8a9 8 0 0 1-5-8ZM9 7c0-2 2-2 2-4M14 7c0-2 2-2 2-4",
  bus: "M5 5h14v11H5zM5 11h14M7 16v3M17 16v3",
  pin: "M12 21c5-6 7-9 7-12a7 7 0 0 0-14 0c0 3 2 6 7 12ZM12 11.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z",
  house: "M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6",
  phone: "M7 3h3l1 5-2 1c1 3 3 5 6 6l1-2 5 1v3c0 2-2 3-4 3C10 20 4 14 4 7c0-2 1-4 3-4Z",
  coin: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM8.500 7.500 12 12l3.500-4.500M8.500 12.500h7M8.500 15.500h7M12 12v6",
  leaf: "M12 3c6 4 8 9 5 14-1 2-3 3-5 4-2-1-4-2-5-4C4 12 6 7 12 3ZM12 9v12M12 13l3-2M12 13l-3-2",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c1-5 4-7 8-7s7 2 8 7",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  sound: "M4 10v4h4l5 4V6L8 10zM16 9c1.500 2 1.500 4 0 6M19 7c3 3 3 7 0 10",
  walk: "M13 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM9 21l3-7-2-2 1-5 4 3 3 1M14 21l-1-5",
  bicycle: "M6 20a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM18 20a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM6 16.500l4-7h5l3 7M10 9.500l3 7M15 9.500V6h3M8.500 7h3",
  ebike: "M6 20a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM18 20a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM9 17h4l3-6V6h3M16 11l2 3M4 13h8l-1-3H5",
  motorbike: "M6 20a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM18 20a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM9 16l5-6H6M14 10l4 6M13 6h4l1 3",
  car: "M4 16v-4l2-6h12l2 6v4zM4 12h16M7 16v3M17 16v3",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9.500 9.500c0-3 5-3 5 0 0 2-2.500 2-2.500 4M12 17h.01",
  check: "M4 12.500 10 18 20 6",
};

/** An icon the size of the text beside it. */
export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${SHAPES[name]} /></svg>`;
