/**
 * How a view stands on the screen: what it shows scrolls in its own place, and the ways out stay below it. 退出 keeps
 * the next person from seeing this one's page, so it never waits behind a finger's movement.
 */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { Button } from "../ui/controls.js";
import { leave } from "./person.js";
import "./words.js";

/** Half a line hidden is nothing to look for. */
const SLACK_PX = 16;
const STEP = 0.8;

/**
 * A place for what may be longer than it, and a button that says so while there is more below. At the end it leaves
 * its room empty: nothing moves under a finger that scrolls.
 * @param {{at?: unknown, class?: string, testid?: string, children?: unknown}} props `at`: another one is looked at from its top
 */
export function Scroll({ at, class: extra = "", testid, children }) {
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  const [longer, setLonger] = useState(false);
  const [more, setMore] = useState(false);
  const look = () => {
    const { scrollHeight = 0, clientHeight = 0, scrollTop = 0 } = place.current ?? {};
    setLonger(scrollHeight - clientHeight > SLACK_PX);
    setMore(scrollHeight - clientHeight - scrollTop > SLACK_PX);
  };
  useEffect(() => {
    const seen = new ResizeObserver(look);
    seen.observe(place.current);
    seen.observe(place.current.firstElementChild);
    return () => seen.disconnect();
  }, []);
  useEffect(() => place.current.scrollTo(0, 0), [at]);
  const down = () => place.current.scrollBy({ top: STEP * place.current.clientHeight });
  return html`<div class="scroll" ref=${place} onScroll=${look}><div class=${extra} data-testid=${testid}>${children}</div></div>
    ${longer && html`<button type="button" class="more" style=${{ visibility: more ? "" : "hidden" }} onClick=${down} data-testid="more-below">${t("more.below")} ↓</button>`}`;
}

/**
 * A view and the ways out of it.
 * @param {{exits: unknown, at?: unknown, class?: string, testid?: string, children?: unknown}} props
 */
export const Frame = ({ exits, children, ...shown }) => html`<div class="view">
  <${Scroll} ...${shown}>${children}</${Scroll}><div class="row exits">${exits}</div></div>`;

export const Back = ({ to }) => html`<${Button} big tone="plain" onClick=${to} data-testid="kiosk-back">${t("back")}</${Button}>`;

export const Leave = ({ out = leave }) => html`<${Button} big tone="danger" onClick=${out} data-testid="kiosk-leave">${t("leave")}</${Button}>`;
