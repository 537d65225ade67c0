/** What is said of a person on a seat, and what a foreman does with one at the gate. */
import { html, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock, minutes, yuan } from "../lib/format.js";
import { Button } from "../ui/controls.js";
import { toastProblem } from "../ui/toast.js";
import { CallThrough } from "../ui/callthrough.js";
import { city } from "../ui/shell.js";
import { api, live } from "./market.js";

export const CHECK_IN_OPENS_MS = 7_200_000;

/** Who leads the work says who is here: no code to be typed by twenty people at a gate. */
export function Vouch({ assignment, here }) {
  const [busy, setBusy] = useState(false);
  const say = async () => {
    setBusy(true);
    await live.command("assignment.vouch", { assignment_id: assignment.id, here }).catch(toastProblem);
    setBusy(false);
  };
  return html`<${Button} tone="plain" busy=${busy} onClick=${say} data-testid=${here ? "vouch-here" : "vouch-left"}>
    ${t(here ? "vouch.here" : "vouch.left")}</${Button}>`;
}

/** A masked number tells two people of one name apart; another connects with its owner where the city has such. */
export const Phone = ({ assignment }) => html`<span class="grow">${t("call.worker", { phone: assignment.worker.phone })}</span>
  ${city.value?.calls_hide_phones && html`<${CallThrough} label=${t("call.through")} ask=${() => api.post(`/assignments/${assignment.id}/call`)} />`}`;

/** How far away and when they leave; a way that is no road's is said to be estimated. */
const comes = ({ travel_s: way, leaves_at: leaves }) =>
  t(city.value?.estimated ? "person.confirmed.estimated" : "person.confirmed", { n: minutes(way), at: clock(leaves) });

function standing(assignment) {
  const { status, paid_fen: paid } = assignment;
  if (status === "confirmed") return comes(assignment);
  if (status === "checked_in") return t("person.checked_in", { at: clock(assignment.checked_in_at) });
  if (status === "disputed") return t("person.disputed", { reason: assignment.closed_reason || t("reason.none") });
  if (status === "settled") return t("person.settled", { paid: yuan(paid) });
  if (paid !== null) return t("person.paid", { paid: yuan(paid) });
  const { checked_in_at: from, checked_out_at: to } = assignment;
  return t("person.completed", { from: from ? clock(from) : "—", to: to ? clock(to) : "—" });
}

/** How somebody on a seat stands; a time that came later, from a phone without a network, is told apart. */
export function personWords(assignment) {
  const { handed_in_at: at, paid_fen: paid, status } = assignment;
  const said = standing(assignment);
  return at && paid === null && ["checked_in", "completed"].includes(status) ? `${said} · ${t("person.handed", { at: clock(at) })}` : said;
}
