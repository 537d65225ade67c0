/** A modal dialog: native, so focus stays inside and Escape closes it. */
import { html, useEffect, useRef } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button } from "./controls.js";

/** Shown while it is in the tree. `onClose` also on Escape. */
export function Dialog({ title, onClose, children, testid }) {
  const ref = useRef(null);
  useEffect(() => {
    const [dialog, before] = [ref.current, document.activeElement];
    dialog.showModal();
    return () => {
      dialog.close();
      // By now the dialog is out of the page: then a browser leaves the focus nowhere.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog ref=${ref} aria-label=${title} data-testid=${testid} onCancel=${cancel}>
    <div class="stack"><h2>${title}</h2>${children}</div>
  </dialog>`;
}

/** A question that says what will happen, with the way back first. */
export function Confirm({ title, children, yes, danger, busy, onYes, onNo, testid = "confirm" }) {
  return html`<${Dialog} title=${title} onClose=${onNo} testid=${testid}>
    <div>${children}</div>
    <${Button} big tone=${danger ? "danger primary" : "primary"} busy=${busy} onClick=${onYes}
      data-testid=${`${testid}-yes`}>${yes}</${Button}>
    <${Button} big tone="plain" onClick=${onNo} data-testid=${`${testid}-no`}>${t("back")}</${Button}>
  </${Dialog}>`;
}
