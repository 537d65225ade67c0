/** What I can do, how I get there and from what pay on: asked once, changed any time. */
import { html, useState } from "../lib/html.js";
import { explain, named, t } from "../lib/i18n.js";
import { yuan } from "../lib/format.js";
import { Button, Chips, Choice, Notice } from "./controls.js";

const MODES = ["walk", "bicycle", "ebike", "motorbike", "car"];
const FLOORS = [0, 8000, 12000, 15000, 20000, 30000];

/**
 * @param {object} props
 * @param {any} props.profile a WorkerView
 * @param {object[]} props.trades the city's trades
 * @param {(profile: object) => Promise<void>} props.onSave
 * @param {() => void} [props.onDone]
 * @param {boolean} [props.first] nothing was chosen yet: explain, and no way back
 */
export function Setup({ profile, trades: offered, first, onSave, onDone }) {
  const [trades, setTrades] = useState(profile.trades);
  const [mode, setMode] = useState(profile.mode);
  const [floor, setFloor] = useState(profile.floor_wage_fen);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const floors = FLOORS.includes(floor) ? FLOORS : [...FLOORS, floor].sort((a, b) => a - b);
  const save = async () => {
    setBusy(true);
    setProblem(null);
    await onSave({ trades, mode, floor_wage_fen: floor }).then(() => onDone?.(), setProblem);
    setBusy(false);
  };
  return html`<section class="stack" data-testid="setup">
    <div><h1>${t(first ? "setup.title" : "me.profile")}</h1>${first && html`<p class="muted">${t("setup.intro")}</p>`}</div>
    <div class="stack tight"><h2>${t("setup.trades")}</h2><p class="muted">${t("setup.trades.hint")}</p>
      ${offered.length === 0 && html`<p class="muted" role="status">${t("loading")}</p>`}
      <${Chips} label=${t("setup.trades")} chosen=${trades} onChange=${setTrades} testid="trade"
        options=${offered.map((trade) => ({ value: trade.code, label: named(trade) }))} /></div>
    <div class="stack tight"><h2>${t("setup.mode")}</h2>
      <${Choice} label=${t("setup.mode")} chosen=${mode} onChange=${setMode} testid="mode"
        options=${MODES.map((value) => ({ value, label: t(`mode.${value}`), icon: value }))} /></div>
    <div class="stack tight"><h2>${t("setup.floor")}</h2><p class="muted">${t("setup.floor.hint")}</p>
      <${Choice} label=${t("setup.floor")} chosen=${floor} onChange=${setFloor} testid="floor"
        options=${floors.map((fen) => ({ value: fen, label: fen ? t("setup.from", { yuan: yuan(fen) }) : t("setup.any") }))} /></div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Button} big tone="primary" busy=${busy} disabled=${!trades.length} onClick=${save} data-testid="setup-save">
      ${trades.length ? t("save") : t("setup.choose")}</${Button}>
    ${!first && html`<${Button} tone="plain" onClick=${onDone}>${t("back")}</${Button}>`}
  </section>`;
}
