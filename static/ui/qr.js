/** A QR code, drawn by the page itself. */
import qrcode from "qrcode-generator";
import { html } from "../lib/html.js";

const PLAIN = /^[0-9A-Z $%*+\-./:]+$/;

/** A code or an address as one SVG path; each dark row is a run. */
export function Qr({ code, label }) {
  const qr = qrcode(0, "M");
  qr.addData(code, PLAIN.test(code) ? "Alphanumeric" : "Byte");
  qr.make();
  const size = qr.getModuleCount();
  let path = "";
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if (qr.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`;
  return html`<svg class="qr" viewBox=${`-3 -3 ${size + 6} ${size + 6}`} role="img" aria-label=${label} shape-rendering="crispEdges">
    <rect x="-3" y="-3" width=${size + 6} height=${size + 6} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}
