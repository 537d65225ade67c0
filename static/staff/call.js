/** A number to call, for a reason that is kept; and where an offer waits, the yes that was heard on the phone. */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { newId } from "../lib/stream.js";
import { Button, Field, Notice, useAttempt } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { session } from "./desk.js";

/** `person`: {id, name, why, gig?, title?}; with a gig, that one waits for the person's answer. */
export function CallDialog({ person, onClose }) {
  const [reason, setReason] = useState(person.why ?? "");
  const [shown, setShown] = useState(null);
  const [busy, problem, attempt] = useAttempt();
  const [key] = useState(newId);
  const reveal = async () => setShown(await session.value.api.post(`/accounts/${person.id}/reveal`, { reason: reason.trim() }));
  const agreed = async () => {
    await session.value.api.post(`/gigs/${person.gig}/place`, { worker_id: person.id, reason: reason.trim(), agreed: true }, key);
    toast(t("place.done", { name: shown.name, title: person.title }));
    onClose();
  };
  return html`<${Dialog} title=${t("call.title", { name: person.name })} onClose=${onClose} testid="call">
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${shown ? html`<p class="number" data-testid="call-number"><b>${shown.name}</b> <a href=${`tel:${shown.phone}`}>${phoneGroups(shown.phone)}</a></p>
        ${person.gig && html`<p>${t("call.heard", { title: person.title })}</p>
          <${Button} big tone="primary" busy=${busy} onClick=${() => attempt(agreed)} data-testid="call-agreed">${t("call.agreed")}</${Button}>`}
        <${Button} big tone="plain" onClick=${onClose} data-testid="call-close">${t("close")}</${Button}>`
      : html`<${Field} label=${t("call.reason")} hint=${t("call.kept")}><input class="input" maxlength="200" value=${reason} data-testid="call-reason"
          onInput=${(event) => setReason(event.target.value)} /></${Field}>
        <${Button} big tone="primary" busy=${busy} disabled=${!reason.trim()} onClick=${() => attempt(reveal)} data-testid="call-show">${t("call.show")}</${Button}>
        <${Button} big tone="plain" onClick=${onClose}>${t("back")}</${Button}>`}
  </${Dialog}>`;
}
