/** Answering an offer: 接, 不接 with a reason if one likes, 再想想; and what was taken. */
import { html, signal, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { codeOf } from "../lib/api.js";
import { Button } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { Earns, OfferCard, Refuse } from "../ui/offercard.js";
import { toast, toastProblem } from "../ui/toast.js";
import { SiteLinks } from "../ui/site.js";
import { WhyLink } from "./whylink.js";
import { assignments, live, me, missed, numberFor } from "./market.js";

/** Id of the assignment just taken: its address and when to leave are shown once. */
const taken = signal(null);

export function Offer({ offer }) {
  const [busy, setBusy] = useState(null);
  const [refusing, setRefusing] = useState(false);
  const answer = async (name, args, done) => {
    setBusy(name);
    await live.command(`offer.${name}`, { offer_id: offer.id, ...args }).then(done, refused);
    // What is accepted or declined leaves the screen by its event, and takes no second answer until then.
    if (name === "extend") setBusy(null);
  };
  const refused = (problem) => {
    setBusy(null);
    if (codeOf(problem) === "offer-closed") missed.value = null;
    toastProblem(problem);
  };
  const decline = (reason) => {
    setRefusing(false);
    answer("decline", reason ? { reason } : {}, () => toast(t("offer.declined")));
  };
  return html`<${OfferCard} offer=${offer} mode=${me.value?.mode} busy=${busy}
      onAccept=${() => answer("accept", {}, ({ assignment }) => (taken.value = assignment.id))}
      onDecline=${() => setRefusing(true)}
      onExtend=${() => answer("extend", {}, () => toast(t("offer.longer")))} />
    <${WhyLink} words="why.me" path=${`/offers/${offer.id}/why`} gig=${offer.gig} offer=${offer.id} />
    ${refusing && html`<${Refuse} onReason=${decline} onBack=${() => setRefusing(false)} />`}`;
}

/** The gig just taken: where to go and when to leave. */
export function Taken() {
  // Called off while it is being read: then the list tells, and nobody sets out.
  const assignment = assignments.value.find(({ id, status }) => id === taken.value && status === "confirmed");
  if (!assignment) return null;
  const { gig } = assignment;
  const close = () => {
    taken.value = null;
    location.hash = "#gigs";
  };
  return html`<${Dialog} title=${t("taken.title")} onClose=${close} testid="taken">
    <p class="pay-line">${gig.title} · <b><${Earns} gig=${gig} /></b></p>
    <p>${t("taken.leave", { at: `${day(assignment.leaves_at)} ${clock(assignment.leaves_at)}`, start: clock(gig.starts_at) })}</p>
    <${SiteLinks} gig=${gig} mode=${me.value?.mode} call=${() => numberFor(assignment.id)} />
    <${Button} big tone="primary" onClick=${close} data-testid="taken-close">${t("understood")}</${Button}>
  </${Dialog}>`;
}
