/** Words of the pages: Chinese first and always there; English is loaded when asked for. */
import { signal } from "@preact/signals";
import { zh } from "./zh.js";
import { recall, remember } from "./remember.js";

const words = signal(zh);

/** Words a page adds to those every page has: {zh, en} with `en` loaded only when asked for. */
let more = { zh: {}, en: async () => ({}) };

/** "zh" or "en". */
export const lang = signal("zh");

/** Switch the language, remember it and tell the document. Without a line the words stay Chinese. */
export async function setLang(next) {
  const english = next === "en" ? await loadEnglish().catch(() => null) : null;
  words.value = english ?? { ...zh, ...more.zh };
  lang.value = english ? "en" : "zh";
  remember("lang", next);
  document.documentElement.lang = english ? "en" : "zh-CN";
}

async function loadEnglish() {
  const [shared, own] = await Promise.all([import("./en.js"), more.en()]);
  return { ...shared.en, ...own };
}

/**
 * The words of a kind of page, before its first drawing.
 * @param {Record<string, string>} chinese
 * @param {() => Promise<Record<string, string>>} english
 */
export async function addWords(chinese, english) {
  more = { zh: chinese, en: english };
  await setLang(recall("lang") === "en" ? "en" : "zh");
}

/** The text of a key, with {names} filled in. A key without words shows itself, so that it is noticed. */
export function t(key, values) {
  const text = words.value[key] ?? zh[key] ?? more.zh[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** Whether there are words for a key. */
export const hasWords = (key) => key in zh || key in more.zh;

/** One of a server's two names: {zh, en}, {name, name_en} or {city, city_en}. */
export function named(value) {
  if (!value) return "";
  const english = value.en ?? value.name_en ?? value.city_en;
  return lang.value === "en" && english ? english : (value.zh ?? value.name ?? value.city);
}

/** What a person can do about a problem, in their language. */
export function explain(problem) {
  const code = problem?.code ?? String(problem?.type ?? "internal").split("/").pop();
  const key = `problem.${code}`;
  const field = problem?.errors?.[0]?.path;
  if (code === "validation" && field && hasWords(`field.${field}`)) {
    return t("problem.field", { field: t(`field.${field}`) });
  }
  return hasWords(key) ? t(key) : t("problem.internal");
}

