/** Money, times and durations as people say them. Times are shown in Beijing time wherever the device is. */
import { lang, t } from "./i18n.js";
import { now } from "./clock.js";

const ZONE = "Asia/Shanghai";
const ZONE_OFFSET = "+08:00";
const DAY_MS = 86_400_000;

/** Fen as yuan: ¥180 or ¥180.50; a dash when it depends on the pieces made. */
export function yuan(fen) {
  if (fen === null || fen === undefined) return "—";
  const whole = fen % 100 === 0;
  return `¥${(fen / 100).toLocaleString("en-US", { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 })}`;
}

/** "180 元" for the voice. */
export const spokenYuan = (fen) => (fen === null ? t("pay.piecework") : t("pay.spoken", { n: fen / 100 }));

/** Fen per hour of a gig with a known total; null for piece work. */
export function hourlyFen(gig) {
  const hours = (Date.parse(gig.ends_at) - Date.parse(gig.starts_at)) / 3_600_000;
  if (gig.wage.per === "hour") return gig.wage.amount_fen;
  return gig.due_fen === null || hours <= 0 ? null : Math.round(gig.due_fen / hours / 10) * 10;
}

/** Seconds of travel as whole minutes, rounded up. */
export const minutes = (seconds) => Math.max(1, Math.ceil(seconds / 60));

/** An instant as ms: numbers are ms already, text is ISO 8601. */
const ms = (at) => (typeof at === "number" ? at : Date.parse(at));

const dayNumber = (at) => Math.floor((at + 8 * 3_600_000) / DAY_MS);

/** 14:05 in Beijing time. */
export function clock(iso) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE }).format(new Date(ms(iso)));
}

/** 今天 / 明天 / 后天, or 11月24日 周二. */
export function day(iso) {
  const ahead = dayNumber(ms(iso)) - dayNumber(now());
  const word = { "-1": "day.yesterday", 0: "day.today", 1: "day.tomorrow", 2: "day.after" }[ahead];
  return word ? t(word) : date(iso);
}

/** 11月24日 周二, also when that is today: for paper. */
export function date(iso) {
  const locale = lang.value === "en" ? "en-GB" : "zh-CN";
  return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", weekday: "short", timeZone: ZONE }).format(
    new Date(ms(iso)),
  );
}

/** 今天 14:00–18:00; the end gets its day when it is another one. */
export function span(from, to) {
  const other = dayNumber(Date.parse(from)) !== dayNumber(Date.parse(to));
  return `${day(from)} ${clock(from)} – ${other ? `${day(to)} ` : ""}${clock(to)}`;
}

/** Whole or half hours of a span: 4 / 4.5. */
export const hours = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 1_800_000) / 2;

/** Seconds left until an instant by the server's clock, never negative. */
export const secondsLeft = (iso, at = now()) => Math.max(0, Math.ceil((Date.parse(iso) - at) / 1000));

/** A duration in calm words: 45 秒 / 3 分钟 / 2 小时. */
export function duration(seconds) {
  if (seconds < 90) return t("dur.s", { n: Math.max(0, Math.round(seconds)) });
  if (seconds < 5400) return t("dur.min", { n: Math.round(seconds / 60) });
  return t("dur.h", { n: seconds < 36_000 ? Math.round(seconds / 1800) / 2 : Math.round(seconds / 3600) });
}

/** The value of a datetime-local field, read as Beijing time, as an ISO instant. */
export const fromField = (value) => `${value}:00${ZONE_OFFSET}`;

/** An instant (ms) as the value of a datetime-local field in Beijing time. */
export const toField = (at) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);

/** Midnight in Beijing of the day `ahead` days from now, in ms. */
export const midnight = (ahead = 0) => (dayNumber(now()) + ahead) * DAY_MS - 8 * 3_600_000;

/** 138 0000 0001, as it is read aloud. */
export const phoneGroups = (phone) => phone.replace(/^(\d{3})(\d{1,4})?(\d{1,4})?$/, (_, a, b, c) => [a, b, c].filter(Boolean).join(" "));
