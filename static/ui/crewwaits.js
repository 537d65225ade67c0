/** Why somebody with a crew is not offered anything yet: not all of them look for work. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Notice } from "./controls.js";

/** @import * as Wire from "../lib/protocol.d.ts" */

/** @param {{crew: Wire.CrewView | null}} props */
export function CrewWaits({ crew }) {
  const away = (crew?.members ?? []).filter(({ looking }) => !looking).map(({ name }) => name);
  if (!away.length || crew.members.length < 2) return null;
  return html`<${Notice}><span data-testid="crew-waits">${t("crew.waits", { names: away.join(t("crew.comma")) })}</span></${Notice}>`;
}
