/** On the hall board: what was taken down without a network, what came through and what was refused, and why. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock } from "../lib/format.js";
import { Button } from "../ui/controls.js";
import { Scroll } from "./frame.js";
import { forget, kept, waitingToSend } from "./kept.js";

const reason = (why) => (t(`kept.why.${why}`) === `kept.why.${why}` ? t("kept.why") : t(`kept.why.${why}`));

const Row = ({ entry }) => html`<li class=${entry.state} data-testid=${`kept-${entry.state}`}>
  <p class="grow"><b>${clock(entry.at)} ${t(`kept.${entry.op}`)}</b> <span>${t("paper.mark", { mark: entry.mark })}</span><br />
    ${entry.state === "refused" ? t("kept.refused", { why: reason(entry.why) }) : t(`kept.state.${entry.state}`)}</p>
  ${entry.state === "refused" && html`<${Button} onClick=${() => forget(entry.key)} data-testid="kept-read">${t("kept.read")}</${Button}>`}</li>`;

/** The newest first: whoever has just been here looks for their own. */
export const Kept = () => kept.value.length > 0 && html`<section class="kept" aria-live="polite" data-testid="kept">
  <h2>${waitingToSend.value.length ? t("kept.waiting", { n: waitingToSend.value.length }) : t("kept.sent")}</h2>
  <${Scroll} at=${kept.value.at(-1)?.key}><ul>${[...kept.value].reverse().map((entry) => html`<${Row} key=${entry.key} entry=${entry} />`)}</ul></${Scroll}>
</section>`;
