/** Words of the pages: Chinese first and always there; English is loaded when asked for. */
import { signal } from "@preact/signals";
import { zh } from "./zh.js";
import { recall, remember } from "./remember.js";

const words = signal(zh);

/** "zh" or "en". */
export const lang = signal("zh");

/** Switch the language, remember it and tell the document. */
export async function setLang(next) {
  words.value = next === "en" ? (await import("./en.js")).en : zh;
  lang.value = next;
  remember("lang", next);
  document.documentElement.lang = next === "en" ? "en" : "zh-CN";
}

/** The text of a key, with {names} filled in. A key without words shows itself, so that it is noticed. */
export function t(key, values) {
  const text = words.value[key] ?? zh[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** Whether there are words for a key. */
export const hasWords = (key) => key in zh;

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

if (recall("lang") === "en") await setLang("en");
