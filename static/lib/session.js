/** Who is logged in on this page, for one role. */
import { signal } from "@preact/signals";
import { codeOf, createApi } from "./api.js";
import { FORBIDDEN } from "./closing.js";
import { recall, remember } from "./remember.js";

/** @import * as Wire from "./protocol.d.ts" */

/**
 * Whether a problem says that the account is suspended: then logging in again is of no use.
 * @param {Wire.Problem | null | undefined} problem
 */
export const suspended = (problem) => Boolean(problem?.errors?.some(({ path, reason }) => path === "account" && reason === "suspended"));

/** A socket that is open and closed as forbidden tells no more than that. */
const SHUT_OUT = /** @type {Wire.Problem} */ ({
  type: "/problems/forbidden", title: "", status: 403, detail: "", errors: [{ path: "account", reason: "suspended" }],
});

/**
 * @param {string} client the X-Client of the role
 * @param {boolean} [kept] remember on this device who was here, so that the page opens without a network, and
 *   the first visit need not wait for an answer that will be nobody
 * @returns account signal: undefined while asking, null when nobody, else an AccountView
 */
export function createSession(client, kept = false) {
  const api = createApi(client);
  const failed = signal(/** @type {Wire.Problem | null} */ (null));
  /** Why the session ended, where more is to be said than "log in". */
  const parted = signal(/** @type {Wire.Problem | null} */ (null));
  /** @param {Wire.Problem | null | undefined} problem */
  const part = (problem) => {
    parted.value = problem && suspended(problem) ? problem : null;
    account.value = null;
  };
  const name = `account.${client}`;
  const stranger = kept && !recall(name);
  const account = signal(/** @type {Wire.AccountView | null | undefined} */ (stranger ? null : undefined));
  if (kept) account.subscribe((value) => value !== undefined && remember(name, value && JSON.stringify(value)));
  return {
    api,
    account,
    failed,
    parted,
    /** Ask whether the cookie still stands. */
    async restore() {
      failed.value = null;
      const asked = account.value;
      try {
        const found = await api.get("/auth/sessions/current");
        if (account.value === asked) account.value = found;
      } catch (error) {
        // Who logged in meanwhile is not whom the answer is about.
        if (account.value !== asked) return;
        const problem = /** @type {Wire.Problem} */ (error);
        const last = kept && codeOf(problem) === "unreachable" && recall(name);
        if (problem.status === 401 || problem.status === 403) part(problem);
        else if (last) account.value = JSON.parse(last);
        else failed.value = problem;
      }
    },
    /**
     * A code by SMS.
     * @param {string} phone
     */
    sendCode: (phone) => api.post("/auth/otp", { phone }),
    /** @param {{role: string, phone: string, code: string, name?: string}} details */
    async logIn(details) {
      account.value = (await api.post("/auth/sessions", details)).account;
      parted.value = null;
    },
    /** @param {string} role */
    async demo(role) {
      account.value = await api.post("/demo/login", { role });
      parted.value = null;
    },
    async logOut() {
      await api.end().catch(() => {});
      account.value = null;
    },
    /** The server ended the session. */
    ended() {
      account.value = null;
    },
    /**
     * What an answer's problem says of the session, where there is no stream.
     * @param {Wire.Problem} problem
     */
    refused(problem) {
      if (problem.status === 401 || suspended(problem)) part(problem);
    },
    /**
     * What the stream says of the session: it is over, or the account was suspended meanwhile.
     * @param {import("./stream.js").Status} status
     */
    heard({ name, code, problem }) {
      if (name === "logged-out") part(problem);
      if (name === "stopped" && code === FORBIDDEN) part(SHUT_OUT);
    },
  };
}
