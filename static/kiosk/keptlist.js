/** On the hall board: what was taken down without a network, what came through and what was refused, and why. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock } from "../lib/format.js";
import { Button } from "../ui/controls.js";
import { forget, kept, waitingToSend } from "./kept.js";

const reason = (why) => (t(`kept.why.${why}`) === `kept.why.${why}` ? t("kept.why") : t(`kept.why.${why}`));

const Row = ({ entry }) => html`<li class=${entry.state} data-testid=${`kept-${entry.state}`}>
  <b>${clock(entry.at)} ${t(`kept.${entry.op}`)}</b> <span>${t("paper.mark", { mark: entry.mark })}</span>
  <span>${entry.state === "refused" ? t("kept.refused", { why: reason(entry.why) }) : t(`kept.state.${entry.state}`)}</span>
  ${entry.state === "refused" && html`<${Button} onClick=${() => forget(entry.key)} data-testid="kept-read">${t("kept.read")}</${Button}>`}</li>`;

export const Kept = () => kept.value.length > 0 && html`<section class="stack kept" aria-live="polite" data-testid="kept">
  <h2>${waitingToSend.value.length ? t("kept.waiting", { n: waitingToSend.value.length }) : t("kept.sent")}</h2>
  <ul>${kept.value.map((entry) => html`<${Row} key=${entry.key} entry=${entry} />`)}</ul></section>`;
