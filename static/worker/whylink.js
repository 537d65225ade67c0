/** A small link that opens the reason, or my appeals, on a sheet; the sheet is loaded when first asked for. */
import { html, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button } from "../ui/controls.js";
import { toastProblem } from "../ui/toast.js";

/** `words`: why.me | why.notme | why.appeals; with a `path` the sheet shows that reason, else the appeals. */
export function WhyLink({ words, path, gig, offer }) {
  const [sheet, setSheet] = useState(null);
  const open = () => import("./why.js").then(async (module) => {
    await module.ready;
    setSheet({ View: path ? module.Why : module.Appeals });
  }).catch(toastProblem);
  return html`<${Button} tone="plain" onClick=${open} data-testid=${words.replace(".", "-")}>${t(words)}</${Button}>
    ${sheet && html`<${sheet.View} title=${t(words)} path=${path} gig=${gig} offer=${offer} onClose=${() => setSheet(null)} />`}`;
}
