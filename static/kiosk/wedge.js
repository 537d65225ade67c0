/**
 * Scanners and card readers type like a keyboard, on whatever screen is open: a ticket's or card's code, or an
 * 18-place ID number, each ended by Enter. Told apart by their form, so that no clock is needed.
 */
const PASS = /GM1\.[0-9A-Z]{26}\.[0-9A-Z]{16}$/i;
const ID_NUMBER = /(?:^|\D)(\d{17}[\dX])$/i;
const LONGEST = 80;

/** What a key stands for, also while an input method for Chinese swallows it. */
function letter({ key, code, isComposing }) {
  if (key.length === 1 && !isComposing) return key;
  const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(code ?? "");
  return place ? place[1] : code === "Period" || code === "NumpadDecimal" ? "." : null;
}

/** @param {{onPass: (code: string) => void, onIdNumber: (number: string) => void}} heard */
export function listenToScanner({ onPass, onIdNumber }) {
  let typed = "";
  const hear = (event) => {
    if (event.key !== "Enter") {
      const next = letter(event);
      if (next) typed = (typed + next).slice(-LONGEST);
      else if (event.key !== "Shift" && event.key !== "CapsLock") typed = "";
      return;
    }
    const pass = PASS.exec(typed)?.[0];
    const number = ID_NUMBER.exec(typed)?.[1];
    typed = "";
    if (!pass && !number) return;
    // Enter would press whatever has the focus.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pass) onPass(pass.toUpperCase());
    else onIdNumber(number.toUpperCase());
  };
  addEventListener("keydown", hear, { capture: true });
}
