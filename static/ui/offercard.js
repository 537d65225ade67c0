/** An offer as its worker reads it, and a countdown that is a held seat, not a race. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { lang, t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { canSpeak, speak } from "../lib/speak.js";
import { duration, hourlyFen, hours, minutes, secondsLeft, span, spokenYuan, yuan } from "../lib/format.js";
import { Button, Fact, Notice } from "./controls.js";
import { Dialog } from "./dialog.js";

/** What a gig pays in all; its price a piece where that is all one knows. `due` is what a done one comes to. */
export function Earns({ gig, due = gig.due_fen }) {
  return due === null ? html`${yuan(gig.wage.amount_fen)} <small>${t("pay.per.piece")}</small>` : yuan(due);
}

/** What a gig pays in all and per hour; per piece when that is how it is paid. */
export function Pay({ gig }) {
  const hourly = hourlyFen(gig);
  if (gig.due_fen === null) return html`<p class="pay"><${Earns} gig=${gig} /></p>`;
  return html`<p class="pay">${yuan(gig.due_fen)} <small>${t("pay.whole")}
    ${hourly !== null && html` · ${t("pay.hourly", { yuan: yuan(hourly) })}`}</small></p>`;
}

/** When, how far, meals and transport, pay day, employer. `mode` names the icon and the words of the way. */
export function GigFacts({ gig, travel, estimated, mode, children }) {
  const extras = [gig.meals && t("extra.meals"), gig.transport && t("extra.transport")].filter(Boolean);
  return html`<dl class="facts">
    <${Fact} icon="clock" name=${t("fact.when")}>${span(gig.starts_at, gig.ends_at)}
      <span class="muted"> · ${t("fact.hours", { n: hours(gig.starts_at, gig.ends_at) })}</span></${Fact}>
    ${travel !== undefined &&
    html`<${Fact} icon=${mode ?? "walk"} name=${t("fact.way")}>
      ${t("fact.travel", { mode: t(`mode.${mode ?? "any"}`), n: minutes(travel) })}
      ${estimated && html`<span class="muted"> · ${t("fact.estimated")}</span>`}</${Fact}>`}
    <${Fact} icon="bowl" name=${t("fact.extras")}>${extras.join(" · ") || t("extra.none")}</${Fact}>
    <${Fact} icon="coin" name=${t("fact.paid")}>
      ${gig.settlement === "daily" ? t("settle.daily") : t("settle.by", { date: gig.settle_on })}</${Fact}>
    <${Fact} icon="house" name=${t("fact.employer")}>${gig.employer}</${Fact}>
    ${gig.min_crew > 1 && html`<${Fact} icon="person" name=${t("fact.crew")}>${t("crew.wanted", { n: gig.min_crew })}</${Fact}>`}
    ${gig.note && html`<${Fact} icon="list" name=${t("fact.note")}>${gig.note}</${Fact}>`}
    ${children}
  </dl>`;
}

/** Bar and words. The seat is kept until the end; nobody else can take it meanwhile. */
export function CalmCountdown({ offer }) {
  const total = Math.max(1, (Date.parse(offer.expires_at) - Date.parse(offer.created_at)) / 1000);
  const left = Math.min(Math.ceil(total), secondsLeft(offer.expires_at, second.value));
  const width = `${Math.min(100, (left / total) * 100)}%`;
  return html`<div class="countdown">
    <div class="track" aria-hidden="true"><i style=${{ width }}></i></div>
    <p class="muted">${left > 0 ? t("offer.kept", { time: duration(left) }) : t("offer.over")}</p>
  </div>`;
}

/** Who goes and who answers, of an offer to a crew. */
const togetherWords = ({ leads, size }) => t(leads ? "crew.offer.leads" : "crew.offer.member", { n: size });

/** The offer in one sentence, for the voice and for screen readers. */
export function offerWords({ gig, travel_s, together }, mode) {
  const way = t("fact.travel", { mode: t(`mode.${mode ?? "any"}`), n: minutes(travel_s) });
  const said = t("offer.words", {
    title: gig.title, pay: spokenYuan(gig.due_fen), way, when: span(gig.starts_at, gig.ends_at), employer: gig.employer,
  });
  return together ? `${said} ${togetherWords(together)}` : said;
}

/** A line whose lower edge alone is covered can be read. */
const SLACK_PX = 8;

/** What of the card lies under the answers, by name: nobody says yes to half a card without knowing it. */
function Below() {
  const mark = useRef(null);
  const [names, setNames] = useState("");
  useEffect(() => {
    const look = () => {
      const reply = mark.current?.closest(".reply");
      if (!reply) return;
      const { top } = reply.getBoundingClientRect();
      const terms = [...reply.parentElement.querySelectorAll("dt")];
      const under = (edge) => terms.filter((term) => term.nextElementSibling.getBoundingClientRect().bottom > edge + SLACK_PX);
      // What only this bar covers is told of, too.
      const covered = under(top).length ? under(top - mark.current.offsetHeight) : [];
      setNames(covered.map((term) => term.textContent.trim()).join(t("crew.comma")));
    };
    look();
    // Whatever scrolls, and type that grows.
    document.addEventListener("scroll", look, true);
    const sized = new ResizeObserver(look);
    sized.observe(mark.current.closest(".card"));
    sized.observe(mark.current);
    return () => {
      document.removeEventListener("scroll", look, true);
      sized.disconnect();
    };
  }, []);
  const down = () => (mark.current.closest(".scroll") ?? window).scrollBy({ top: innerHeight / 2, behavior: "smooth" });
  return html`<div ref=${mark} class="below">${names && html`<button type="button" data-testid="offer-more" onClick=${down}>
    <span aria-hidden="true">↓ </span>${t("offer.more", { list: names })}</button>`}</div>`;
}

/**
 * @param {object} props
 * @param {object} props.offer an OfferView
 * @param {string} [props.mode] the worker's own way of travelling
 * @param {string} [props.busy] the answer being sent: accept | extend | decline
 * @param {() => void} props.onAccept
 * @param {() => void} props.onDecline
 * @param {() => void} props.onExtend
 */
export function OfferCard({ offer, mode, busy, onAccept, onDecline, onExtend }) {
  const closed = secondsLeft(offer.expires_at, second.value) === 0;
  const { together } = offer;
  const mine = !together || together.leads;
  const read = () => speak(offerWords(offer, mode), { lang: lang.value, instead: true });
  return html`<article class="card offer" data-testid="offer-card" data-offer=${offer.id} aria-label=${offer.gig.title}>
    <div class="row apart">
      <h2>${offer.gig.title}</h2>
      ${canSpeak(lang.value) && html`<${Button} tone="plain" icon="sound" onClick=${read}>${t("read")}</${Button}>`}
    </div>
    <${Pay} gig=${offer.gig} />
    ${together && html`<${Notice} tone=${mine ? "good" : ""}><span data-testid="offer-together">${togetherWords(together)}</span></${Notice}>`}
    <div class="perforation"></div>
    <${GigFacts} gig=${offer.gig} travel=${offer.travel_s} estimated=${offer.estimated} mode=${mode} />
    <p class="muted small">${t("offer.area")}</p>
    <div class="reply"><${Below} /><${CalmCountdown} offer=${offer} />
    <div class=${`answers ${mine ? "" : "even"}`}>
      ${mine && html`<${Button} big tone="primary" busy=${busy === "accept"} disabled=${closed || Boolean(busy)} onClick=${onAccept}
        data-testid="offer-accept">${together ? t("crew.accept", { n: together.size }) : t("offer.accept")}</${Button}>`}
      <${Button} big tone="plain" disabled=${closed || Boolean(busy)} onClick=${onDecline}
        data-testid="offer-decline">${t("offer.decline")}</${Button}>
      <${Button} big tone="plain" busy=${busy === "extend"} disabled=${closed || offer.extended || Boolean(busy)}
        onClick=${onExtend} data-testid="offer-extend">${t(offer.extended ? "offer.extended" : "offer.extend")}</${Button}>
    </div></div>
  </article>`;
}

const REASONS = ["too_far", "pay", "hours", "work", "other"];

/** Saying no: a reason helps the next offer and may be left out. */
export const Refuse = ({ onReason, onBack }) => html`<${Dialog} title=${t("decline.title")} onClose=${onBack} testid="decline">
  <p class="muted">${t("decline.why")}</p>
  <div class="reasons">
    ${REASONS.map((reason) => html`<${Button} key=${reason} big tone="plain" data-testid=${`decline-${reason}`}
      onClick=${() => onReason(reason)}>${t(`decline.${reason}`)}</${Button}>`)}
  </div>
  <${Button} big tone="primary" data-testid="decline-skip" onClick=${() => onReason(null)}>${t("decline.skip")}</${Button}>
  <${Button} big tone="plain" onClick=${onBack}>${t("decline.back")}</${Button}>
</${Dialog}>`;
