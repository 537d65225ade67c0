/** Who is logged in on this page, for one role. */
import { signal } from "@preact/signals";
import { codeOf, createApi } from "./api.js";
import { recall, remember } from "./remember.js";

/** @import * as Wire from "./protocol.d.ts" */

/**
 * @param {string} client the X-Client of the role
 * @param {boolean} [kept] remember on this device who was here, so that the page opens without a network, and
 *   the first visit need not wait for an answer that will be nobody
 * @returns account signal: undefined while asking, null when nobody, else an AccountView
 */
export function createSession(client, kept = false) {
  const api = createApi(client);
  const failed = signal(/** @type {Wire.Problem | null} */ (null));
  const name = `account.${client}`;
  const stranger = kept && !recall(name);
  const account = signal(/** @type {Wire.AccountView | null | undefined} */ (stranger ? null : undefined));
  if (kept) account.subscribe((value) => value !== undefined && remember(name, value && JSON.stringify(value)));
  return {
    api,
    account,
    failed,
    /** Ask whether the cookie still stands. */
    async restore() {
      failed.value = null;
      try {
        account.value = await api.get("/auth/sessions/current");
      } catch (error) {
        const problem = /** @type {Wire.Problem} */ (error);
        const last = kept && codeOf(problem) === "unreachable" && recall(name);
        if (problem.status === 401 || problem.status === 403) account.value = null;
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
    },
    /** @param {string} role */
    async demo(role) {
      account.value = await api.post("/demo/login", { role });
    },
    async logOut() {
      await api.end().catch(() => {});
      account.value = null;
    },
    /** The server ended the session. */
    ended() {
      account.value = null;
    },
  };
}
