/** Who is logged in on this page, for one role. */
import { signal } from "@preact/signals";
import { createApi } from "./api.js";

/**
 * @param {string} client the X-Client of the role
 * @returns account signal: undefined while asking, null when nobody, else an AccountView
 */
export function createSession(client) {
  const api = createApi(client);
  const account = signal(undefined);
  const failed = signal(null);
  return {
    api,
    account,
    failed,
    /** Ask whether the cookie still stands. */
    async restore() {
      failed.value = null;
      try {
        account.value = await api.get("/auth/sessions/current");
      } catch (problem) {
        if (problem.status === 401 || problem.status === 403) account.value = null;
        else failed.value = problem;
      }
    },
    /** A code by SMS. */
    sendCode: (phone) => api.post("/auth/otp", { phone }),
    async logIn(details) {
      account.value = (await api.post("/auth/sessions", details)).account;
    },
    async demo(role) {
      account.value = await api.post("/demo/login", { role });
    },
    async logOut() {
      await api.delete("/auth/sessions/current").catch(() => {});
      account.value = null;
    },
    /** The server ended the session. */
    ended() {
      account.value = null;
    },
  };
}
