/** A number pad: large keys, one place for phone numbers, PINs and site codes. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";

/**
 * @param {object} props
 * @param {string} props.value the digits so far
 * @param {number} props.max most digits
 * @param {(value: string) => void} props.onChange
 * @param {() => void} props.onEnter
 * @param {boolean} props.ready whether Enter may be pressed
 * @param {string} props.enter the words on Enter
 * @param {string} [props.prefix] of the keys' test ids: kiosk → kiosk-key-1
 * @param {string} [props.enterId] the test id of Enter, when not the prefix's
 */
export function Keypad({ value, max, onChange, onEnter, ready, enter, enterId, prefix = "pad" }) {
  const press = (digit) => value.length < max && onChange(value + digit);
  const key = (digit) => html`<button type="button" class="key" key=${digit}
    data-testid=${`${prefix}-key-${digit}`} onClick=${() => press(digit)}>${digit}</button>`;
  return html`<div class="keypad" role="group" aria-label=${t("keypad")}>
    ${["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(key)}
    <button type="button" class="key word" data-testid=${`${prefix}-back`} disabled=${!value}
      onClick=${() => onChange(value.slice(0, -1))}>⌫ ${t("erase")}</button>
    ${key("0")}
    <button type="button" class="key word enter" data-testid=${enterId ?? `${prefix}-enter`} disabled=${!ready}
      onClick=${onEnter}>✓ ${enter ?? t("ok")}</button>
  </div>`;
}
