/** While the position is shared every tab says so, with the way to stop; on the first one the page says it itself. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button } from "../ui/controls.js";
import { toastProblem } from "../ui/toast.js";
import { me, setPresence } from "./market.js";
import { sharing, source } from "./position.js";

const stop = () => setPresence({ status: "offline" }).catch(toastProblem);

/** `quiet`: below what is on the screen, where it covers nothing. */
export function Sharing({ home, quiet }) {
  if (home || !sharing() || source.value !== "gps" || me.value.presence.station_id) return null;
  return html`<p class=${`row apart sharing ${quiet ? "" : "stays"}`} role="status" data-testid="sharing-bar"><span class="grow">${t("share.gps.short")}</span>
    <${Button} tone="plain" onClick=${stop} data-testid="sharing-stop">${t("rest")}</${Button}></p>`;
}
