/** My gigs on the phone: operations go by the socket. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Work } from "../ui/work.js";
import { assignments, live, me } from "./market.js";
import { WhyLink } from "./whylink.js";

export const MyGigs = () => html`<h1>${t("tab.gigs")}</h1>
  <${Work} assignments=${assignments.value} act=${live.command} mode=${me.value.mode} />
  <${WhyLink} words="why.appeals" />`;
