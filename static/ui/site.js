/** Where the site is and how to get there: address, maps in their own datum, the employer's phone. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { phoneGroups } from "../lib/format.js";
import { mapLinks } from "../lib/maplinks.js";
import { CallThrough } from "./callthrough.js";
import { Icon } from "./icons.js";
import { city } from "./shell.js";

const Link = ({ href, icon, children, testid, outside }) => html`<a class="button plain" href=${href} data-testid=${testid}
  ...${outside ? { target: "_blank", rel: "noopener noreferrer" } : {}}>${icon && html`<${Icon} name=${icon} />`}${children}</a>`;

/**
 * `still`: on a shared screen nobody can carry a link away, so the phone number is written out. `call` asks for a
 * number that hides the worker's own, where the city has such.
 */
export function SiteLinks({ gig, mode, still, call }) {
  if (!gig.site) return null;
  if (still) {
    return html`<div class="stack tight"><p class="row"><${Icon} name="pin" /><b class="grow" data-testid="site-address">${gig.site.address}</b></p>
      ${gig.employer_phone && html`<p class="row"><${Icon} name="phone" /><b>${phoneGroups(gig.employer_phone)}</b></p>`}</div>`;
  }
  const links = mapLinks(gig.site, gig.site.address, mode);
  return html`<div class="stack tight">
    <p class="row"><${Icon} name="pin" /><b class="grow" data-testid="site-address">${gig.site.address}</b></p>
    <div class="maps">
      <${Link} href=${links.amap} testid="map-amap" outside>${t("map.amap")}</${Link}>
      <${Link} href=${links.baidu} testid="map-baidu" outside>${t("map.baidu")}</${Link}>
      <${Link} href=${links.geo} testid="map-geo">${t("map.geo")}</${Link}>
    </div>
    ${gig.employer_phone && html`<${Link} href=${`tel:${gig.employer_phone}`} icon="phone" testid="call-employer">${t("call")}</${Link}>`}
    ${call && city.value?.calls_hide_phones && html`<${CallThrough} ask=${call} label=${t("call")} />`}
  </div>`;
}
