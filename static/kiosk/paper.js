/** What a paper opens: a ticket's own gig; and without a network, attendance that is kept for later. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button, Empty, Notice } from "../ui/controls.js";
import { Keypad } from "../ui/keypad.js";
import { Work } from "../ui/work.js";
import { toast, toastProblem } from "../ui/toast.js";
import { Offer } from "./desk.js";
import { Frame, Leave } from "./frame.js";
import { keep } from "./kept.js";
import { act, leave, paper, person, ticketOf } from "./person.js";

const loadPaper = () => import("./ticket.js");

/** Print the paper in this box, whatever other papers are on the screen. */
function printOnly(box) {
  for (const paper of document.querySelectorAll(".ticket")) paper.toggleAttribute("data-kept-back", !box.contains(paper));
  print();
}

/** The printed paper of an assignment, shown as it comes out; `now` prints at once. */
export function Paper({ assignment, now }) {
  const [made, setMade] = useState(null);
  const [drawn, setDrawn] = useState(null);
  const box = useRef(null);
  useEffect(() => {
    let gone = false;
    Promise.all([ticketOf(assignment), loadPaper()]).then(([paper, { Ticket }]) => {
      if (gone) return;
      setDrawn(() => Ticket);
      setMade(paper);
    }, toastProblem);
    return () => (gone = true);
  }, [assignment.id]);
  useEffect(() => {
    if (made && now) printOnly(box.current);
  }, [made]);
  if (!made) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<div class="printed" ref=${box}><${drawn} made=${made} assignment=${assignment} mode=${person.value?.me.mode} />
    <${Button} big tone="primary" icon="list" onClick=${() => printOnly(box.current)} data-testid="print-ticket">${t("ticket.print")}</${Button}></div>`;
}

/** Who came with a ticket: the offer that waits, the ticket's own gig, nothing else. */
export function TicketPage() {
  const { assignments, offers, me } = person.value;
  return html`<${Frame} class="stack person" testid="ticket-page" at=${offers[0]?.id} exits=${html`<${Leave} />`}>
    <h1>${t("menu.hello", { name: me.name })}</h1>
    <div aria-live="assertive">${offers[0] && html`<${Offer} key=${offers[0].id} offer=${offers[0]} mode=${me.mode} />`}</div>
    <${Work} assignments=${assignments} act=${act} mode=${me.mode} still />
    <p class="muted">${t("ticket.only")}</p>
  </${Frame}>`;
}

/** A paper scanned without a network. */
export function Offline() {
  const [code, setCode] = useState("");
  const take = (op, site) => {
    keep({ op, code: paper.value, ...(site && { site_code: site }) });
    toast(t("kept.taken"));
    leave();
  };
  return html`<${Frame} class="ask" testid="offline-paper" exits=${html`
      <${Button} big tone="plain" onClick=${() => take("check_out")} data-testid="kept-check-out">${t("kept.out")}</${Button}><${Leave} />`}>
    <section class="stack"><h1>${t("kept.title")}</h1><p>${t("kept.how")}</p>
      <p class="digits" aria-live="polite" data-testid="kept-digits">${code || " "}</p>
      <${Notice}>${t("kept.only")}</${Notice}></section>
    <${Keypad} value=${code} max=${6} onChange=${setCode} ready=${code.length >= 4} onEnter=${() => take("check_in", code)}
      enter=${t("checkin.send")} prefix="kept" />
  </${Frame}>`;
}

/** Reprint a gig's ticket. */
export const Reprint = ({ assignments }) => {
  const open = assignments.filter(({ status }) => ["confirmed", "checked_in", "completed"].includes(status));
  if (!open.length) return html`<${Empty} icon="list" title=${t("ticket.none")}>${t("ticket.none.why")}</${Empty}>`;
  return html`<div class="stack">${open.map((each) => html`<${Paper} key=${each.id} assignment=${each} />`)}</div>`;
};
