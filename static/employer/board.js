/** All gigs, newest first, each with how full it is. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { span, yuan } from "../lib/format.js";
import { Empty, StatusPill } from "../ui/controls.js";
import { gigs, peopleOf, unpaid } from "./market.js";

/** Seats as segments: filled, being asked, free; and the same in words. */
export function Fill({ gig }) {
  const { asked } = peopleOf(gig);
  const free = Math.max(0, gig.headcount - gig.filled - asked.length);
  const share = (count) => ({ flexGrow: count });
  return html`<div class="fill" data-testid="gig-fill" data-filled=${gig.filled} data-headcount=${gig.headcount}>
    <div class="seats" aria-hidden="true">
      ${gig.filled > 0 && html`<i class="taken" style=${share(gig.filled)}></i>`}
      ${asked.length > 0 && html`<i class="asked" style=${share(asked.length)}></i>`}
      ${free > 0 && html`<i class="free" style=${share(free)}></i>`}
    </div>
    <p><b>${gig.filled} / ${gig.headcount}</b> ${t("fill.people")}
      ${asked.length > 0 && html` · ${t("fill.asked", { n: asked.length })}`}</p>
  </div>`;
}

export function Board({ current }) {
  return html`<a class="button big primary" href="#post" data-testid="post-open">＋ ${t("post.open")}</a>
    ${gigs.value.length > 0 && html`<a class="button plain" href="#day" data-testid="day-open">${t("board.day")}</a>`}
    ${gigs.value.length === 0 && html`<${Empty} icon="list" title=${t("board.none")}>${t("board.none.why")}</${Empty}>`}
    <ul class="stack" aria-live="polite">${gigs.value.map((gig) => {
      const due = peopleOf(gig).seated.filter(unpaid).length;
      return html`<li key=${gig.id}><a class="card gig-row" href=${`#gig=${gig.id}`} data-testid="gig-row" data-gig=${gig.id}
        data-status=${gig.status} aria-current=${gig.id === current ? "page" : null}>
        <div class="row apart"><h3 class="title">${gig.title}</h3><${StatusPill} noun="gig" status=${gig.status} /></div>
        <p class="muted">${span(gig.starts_at, gig.ends_at)} · ${yuan(gig.wage.amount_fen)}${t(`per.${gig.wage.per}`)}</p>
        <${Fill} gig=${gig} />
        ${due > 0 && html`<p class="due"><span class="pill bad">${t("board.due", { n: due })}</span></p>`}
      </a></li>`;
    })}</ul>`;
}
