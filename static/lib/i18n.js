/** Words of the pages: Chinese first and always there; English is loaded when asked for. */
import { signal } from "@preact/signals";
import { zh } from "./zh.js";
import { recall, remember } from "./remember.js";

/** The words every page has and what a page added to them: Chinese at once, English by these loaders. */
/** @type {Record<string, string>} */
let chinese = zh;
/** @type {(() => Promise<Record<string, string>>)[]} */
const english = [async () => (await import("./en.js")).en];
const inEnglish = {};

const words = signal(chinese);
let wanted = "zh";

/** "zh" or "en". */
export const lang = signal("zh");

/** Switch the language, remember it and tell the document. Without a line the words stay Chinese. */
export async function setLang(next) {
  wanted = next;
  remember("lang", next);
  const loaded = next === "en" ? await Promise.all(english.map((load) => load())).catch(() => null) : null;
  if (wanted !== next) return;
  words.value = loaded ? { ...Object.assign(inEnglish, ...loaded) } : chinese;
  lang.value = loaded ? "en" : "zh";
  document.documentElement.lang = loaded ? "en" : "zh-CN";
}

/**
 * More words, before the first drawing of what says them.
 * @param {Record<string, string>} more
 * @param {() => Promise<Record<string, string>>} translated
 */
export async function addWords(more, translated) {
  chinese = { ...chinese, ...more };
  english.push(translated);
  await setLang(recall("lang") === "en" ? "en" : "zh");
}

/** The text of a key, with {names} filled in. A key without words shows itself, so that it is noticed. */
export function t(key, values) {
  const text = words.value[key] ?? chinese[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** Whether there are words for a key. */
export const hasWords = (key) => key in chinese;

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
  const { path: field, reason, most } = problem?.errors?.[0] ?? {};
  if (most && hasWords(`field.${field}.most`)) return t(`field.${field}.most`, { most });
  if (field === "account" && reason === "suspended") return t("problem.suspended");
  if (code === "validation" && field && hasWords(`field.${field}`)) {
    return t("problem.field", { field: t(`field.${field}`) });
  }
  return hasWords(key) ? t(key) : t("problem.internal");
}

