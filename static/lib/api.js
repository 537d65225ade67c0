/** HTTP with the role's cookie (named by X-Client) or, at a kiosk, a worker's token kept in memory. */

/** @import * as Wire from "./protocol.d.ts" */

const ROOT = "/api/v1";
const DEADLINE_MS = 15_000;

/** An id nobody else has; `randomUUID` exists only in secure contexts, and a village kiosk may be on http. */
export function newId() {
  if ("randomUUID" in globalThis.crypto) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * The problem of what got no answer in time; what became of a command, the stream will tell.
 * @returns {Wire.Problem}
 */
export function unreachable() {
  return { type: "/problems/unreachable", title: "No connection", status: 0, detail: "no connection to the server" };
}

/**
 * The demo's own doors stand outside the API.
 * @param {string} path
 */
const address = (path) => (path.startsWith("/demo/") ? path : ROOT + path);

/** An RFC 9457 problem as an Error: `code` is the stable last part of its type, `errors` names fields. */
export class ProblemError extends Error {
  /** @param {Wire.Problem & {retryAfter?: number}} problem */
  constructor(problem) {
    super(problem.detail || problem.title);
    Object.assign(this, problem);
    this.code = codeOf(problem);
  }
}

/**
 * The stable code of a problem object, an Error of ours or anything else thrown.
 * @param {any} problem
 * @returns {string}
 */
export function codeOf(problem) {
  return problem?.code ?? String(problem?.type ?? "internal").split("/").pop();
}

/**
 * Calls of one client.
 * @param {string} client worker | employer | clerk | staff | kiosk: chooses the cookie
 * @param {string} [token] a bearer token instead of the cookie; cookies are then not sent at all
 */
export function createApi(client, token) {
  let left = new AbortController();
  /** @type {(method: string, path: string, body?: object, key?: string) => Promise<any>} */
  const call = (method, path, body, key) =>
    request(client, token, method, path, body, key, method === "GET" ? left.signal : undefined);
  return {
    client,
    /** Log out. What is still being read is let go: its answer could only be that nobody is logged in. */
    end: () => {
      left.abort();
      left = new AbortController();
      return call("DELETE", "/auth/sessions/current");
    },
    /** @param {string} path */
    get: (path) => call("GET", path),
    /**
     * @param {string} path
     * @param {object} body
     */
    put: (path, body) => call("PUT", path, body),
    /** @param {string} path */
    delete: (path) => call("DELETE", path),
    /**
     * Pass the same `key` when a person repeats the same wish, so that it is done once.
     * @param {string} path
     */
    post: (path, body = {}, key = newId()) => call("POST", path, body, key),
  };
}

/**
 * @param {string} client
 * @param {string | undefined} token
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [key]
 * @param {AbortSignal} [left]
 */
async function request(client, token, method, path, body, key, left) {
  /** @type {Record<string, string>} */
  const headers = { "X-Client": client, Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(address(path), {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: token ? "omit" : "same-origin",
    cache: "no-store",
    signal: patience(left),
  }).catch(() => {
    throw new ProblemError(unreachable());
  });
  const value = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) {
    const problem = value ?? { type: "/problems/internal", status: answer.status, detail: "" };
    throw new ProblemError({ ...problem, retryAfter: Number(answer.headers.get("Retry-After")) || 0 });
  }
  return value;
}

/**
 * Aborted at the deadline, or before it when `left` is; browsers from before 2023 know the deadline only.
 * @param {AbortSignal} [left]
 */
function patience(left) {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  return left && "any" in AbortSignal ? AbortSignal.any([deadline, left]) : deadline;
}

const anyone = createApi("worker");
/** @type {Promise<any> | undefined} */
let known;

/** City, centre and whether this is the demo; asked once. */
export function meta() {
  known ??= anyone.get("/meta").catch((problem) => {
    known = undefined;
    throw problem;
  });
  return known;
}
