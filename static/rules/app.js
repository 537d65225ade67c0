/** The public rules of dispatch, and the check of a draw. No login. */
import { check } from "./draw.js";

const WORDS = {
  zh: {
    title: "派单规则公示", other: "English", groups: "重点帮扶群体", draws: "查抽签", chain: "抽签号", turn: "第几轮",
    check: "查一查", right: "对", wrong: "错", seed: "签号和事先公布的一致", tickets: "每个人的签都算得对", none: "没有这一轮，或者还没公开。",
    anchors: "已公布的抽签", failed: "现在打不开，请稍后再试。", lots: "人",
  },
  en: {
    title: "Rules of dispatch", other: "中文", groups: "Priority groups", draws: "Check a draw", chain: "Chain", turn: "Turn",
    check: "Check", right: "Right", wrong: "Wrong", seed: "The seed is the one promised before", tickets: "Every ticket is computed right",
    none: "No such turn, or not revealed yet.", anchors: "Published chains", failed: "Not available now: try again later.", lots: "lots",
  },
};
const app = document.getElementById("app");
let lang = "zh";
let data = null;

function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const list = (lines, tag = "ul") => {
  const found = make(tag);
  found.append(...lines.map((line) => make("li", line)));
  return found;
};

function checker(words) {
  const form = make("form", "", { class: "card" });
  const field = (name) => {
    const label = make("label", words[name]);
    label.append(make("input", "", { class: "input", name, inputmode: "numeric", required: "", pattern: "[0-9]+", "data-testid": name }));
    return label;
  };
  const result = make("div", "", { role: "status", "data-testid": "result" });
  form.append(field("chain"), field("turn"), make("button", words.check, { class: "button big", "data-testid": "check" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = new FormData(form);
    const answer = await fetch(`/api/v1/draws/${asked.get("chain")}/${asked.get("turn")}`).catch(() => null);
    if (!answer?.ok) return result.replaceChildren(make("p", answer ? words.none : words.failed));
    const found = check(await answer.json());
    const say = (good) => (good ? words.right : words.wrong);
    return result.replaceChildren(list([`${say(found.seed)} · ${words.seed}`, `${say(!found.wrong)} · ${words.tickets} (${found.lots} ${words.lots})`]));
  });
  return [make("h2", words.draws), form, result];
}

function show() {
  const words = WORDS[lang];
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = words.title;
  const other = make("button", words.other, { class: "button", type: "button", "data-testid": "lang-switch" });
  other.addEventListener("click", () => {
    lang = lang === "zh" ? "en" : "zh";
    show();
  });
  app.replaceChildren(make("h1", words.title), other);
  if (!data) return app.append(make("p", words.failed));
  const [rules, chains] = data;
  app.append(list(rules.rules.map((rule) => rule[lang]), "ol"), make("h2", words.groups));
  app.append(list(rules.groups.map((group) => `${group[lang]} — ${lang === "en" ? group.source_en : group.source}`)), ...checker(words));
  const anchors = make("ul");
  for (const chain of chains.items) {
    const opened = new Date(chain.opened_at).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { timeZone: "Asia/Shanghai" });
    const line = make("li", `${chain.id} · ${opened} · `);
    line.append(make("code", chain.anchor));
    anchors.append(line);
  }
  return app.append(make("h2", words.anchors), anchors);
}

const load = async (path) => {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(path);
  return answer.json();
};
data = await Promise.all([load("/api/v1/rules"), load("/api/v1/draws")]).catch(() => null);
show();
