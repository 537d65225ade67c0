/** My gigs on the phone: operations go by the socket, attendance by way of what the phone keeps. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Work } from "../ui/work.js";
import { now } from "../lib/clock.js";
import { Notice } from "../ui/controls.js";
import { assignments, me, numberFor } from "./market.js";
import { act, Refused, waitingFor } from "./kept.js";
import { meant, scanned } from "./scanned.js";
import { WhyLink } from "./whylink.js";

export function MyGigs() {
  const code = scanned();
  const at = code && meant(assignments.value, now());
  return html`<h1>${t("tab.gigs")}</h1>
  ${code && !at && html`<${Notice}>${t("checkin.nothing")}</${Notice}>`}
  <${Refused} />
  <${Work} assignments=${assignments.value} act=${act} waits=${waitingFor} call=${numberFor} mode=${me.value.mode} here=${at && { id: at.id, code }} />
  <${WhyLink} words="why.appeals" />`;
}
