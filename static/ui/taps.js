/**
 * Who is not used to screens taps twice. What comes up under the finger meanwhile (a dialog's 不说原因, the next view's
 * 今天不等了) is not what was meant: the second tap at a place presses nothing but what the first one pressed.
 */

const AGAIN_MS = 400;
/** A finger comes down again as near as this. */
const NEAR_PX = 24;
const PRESSED = "label, button, a, input, select, summary";

/** @param {Element | null} element */
const pressedBy = (element) => element?.closest(PRESSED) ?? null;

/** Watch every click of the page; taps and the mouse have a place, keys and screen readers have none. */
export function onePressAtAPlace() {
  let last = { at: 0, x: 0, y: 0, pressed: /** @type {Element | null} */ (null) };
  addEventListener("click", (event) => {
    if (!event.detail) return;
    const [at, pressed] = [Date.now(), pressedBy(/** @type {Element} */ (event.target))];
    const again = at - last.at < AGAIN_MS && Math.hypot(event.clientX - last.x, event.clientY - last.y) < NEAR_PX;
    const changed = last.pressed && last.pressed !== pressed && pressedBy(document.elementFromPoint(last.x, last.y)) !== last.pressed;
    if (again && changed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      last.at = at;
    } else last = { at, x: event.clientX, y: event.clientY, pressed };
  }, { capture: true });
}
