/** The public rules of dispatch, and the check of a draw. No login. */
import { effect, html, render, signal, useState } from "../lib/html.js";
import { lang, setLang, t } from "../lib/i18n.js";
import { recall } from "../lib/remember.js";
import { Button, Notice } from "../ui/controls.js";
import { loadCity, TopBar } from "../ui/shell.js";
import { check } from "./draw.js";

const WORDS = {
  zh: {
    title: "派单规则公示", home: "首页", intro: "活怎么派，都写在这里，人人一样。哪条看不懂，驿站窗口的工作人员给您讲。",
    groups: "重点帮扶群体", draws: "查抽签", drawsWhy: "条件一样的人靠抽签。想核对的，填抽签号和第几轮，“为什么”里写着。",
    chain: "抽签号", turn: "第几轮", check: "查一查", right: "对", wrong: "错", seed: "签号和事先公布的一致", tickets: "每个人的签都算得对",
    none: "没有这一轮，或者还没公开。", anchors: "已公布的抽签", failed: "现在打不开，请稍后再试。", lots: "人",
  },
  en: {
    title: "Rules of dispatch", home: "Home", intro: "How gigs are offered: the same for everybody. The staff at a station's window explain whatever is not clear.",
    groups: "Priority groups", draws: "Check a draw", drawsWhy: "Who is alike draws lots. To check one, type its chain and turn: they stand under “Why”.",
    chain: "Chain", turn: "Turn", check: "Check", right: "Right", wrong: "Wrong", seed: "The seed is the one promised before",
    tickets: "Every ticket is computed right", none: "No such turn, or not revealed yet.", anchors: "Published chains",
    failed: "Not available now: try again later.", lots: "lots",
  },
};
/** undefined while asking, null when nobody answered: [rules, chains]. */
const data = signal(/** @type {any} */ (undefined));
const said = () => WORDS[lang.value];

const ask = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  return answer.json();
};
const load = async () => (data.value = await Promise.all([ask("/api/v1/rules"), ask("/api/v1/draws")]).catch(() => null));

/** Whoever came from a page of ours goes back to where it was; the way home is always there. */
const Ways = () => html`<nav class="row">
  ${history.length > 1 && html`<${Button} tone="plain" onClick=${() => history.back()} data-testid="back">← ${t("back")}</${Button}>`}
  <a class="button plain" href="/" data-testid="home">${said().home}</a></nav>`;

function Checker() {
  const [result, setResult] = useState(null);
  const words = said();
  const submit = async (event) => {
    event.preventDefault();
    const asked = new FormData(event.target);
    const answer = await fetch(`/api/v1/draws/${asked.get("chain")}/${asked.get("turn")}`).catch(() => null);
    setResult(answer?.ok ? { found: check(await answer.json()) } : { problem: answer ? "none" : "failed" });
  };
  const say = (good) => (good ? words.right : words.wrong);
  return html`<form class="card" onSubmit=${submit}>
    ${["chain", "turn"].map((name) => html`<label key=${name}>${words[name]}<input class="input" name=${name} inputmode="numeric"
      required pattern="[0-9]+" data-testid=${name} /></label>`)}
    <button class="button big" data-testid="check">${words.check}</button></form>
  <div role="status" data-testid="result">${result?.problem && html`<p>${words[result.problem]}</p>`}
    ${result?.found && html`<ul><li>${say(result.found.seed)} · ${words.seed}</li>
      <li>${say(!result.found.wrong)} · ${words.tickets} (${result.found.lots} ${words.lots})</li></ul>`}</div>`;
}

function Rules({ rules, chains }) {
  const words = said();
  const source = (group) => (lang.value === "en" && group.source_en) || group.source;
  const opened = ({ opened_at: at }) => new Date(at).toLocaleString(lang.value === "en" ? "en-GB" : "zh-CN", { timeZone: "Asia/Shanghai" });
  return html`<ol data-testid="rule-list">${rules.rules.map((rule) => html`<li key=${rule.code}>${rule[lang.value]}</li>`)}</ol>
    <h2>${words.groups}</h2>
    <ul>${rules.groups.map((group) => html`<li key=${group.code}>${group[lang.value]} — ${source(group)}</li>`)}</ul>
    <h2>${words.draws}</h2><p>${words.drawsWhy}</p><${Checker} />
    <h2>${words.anchors}</h2>
    <ul>${chains.items.map((chain) => html`<li key=${chain.id}>${chain.id} · ${opened(chain)} · <code>${chain.anchor}</code></li>`)}</ul>`;
}

const Page = () => html`<${TopBar} title=${said().title} />
  <main class="page rules"><${Ways} /><h1>${said().title}</h1><p class="muted">${said().intro}</p>
    ${data.value === undefined && html`<p class="muted" role="status">${t("loading")}</p>`}
    ${data.value === null && html`<${Notice} tone="bad">${said().failed}</${Notice}><${Button} big onClick=${load}>${t("line.again")}</${Button}>`}
    ${data.value && html`<${Rules} rules=${data.value[0]} chains=${data.value[1]} /><${Ways} />`}</main>`;

effect(() => {
  document.title = said().title;
});
await setLang(recall("lang", "zh"));
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
load();
