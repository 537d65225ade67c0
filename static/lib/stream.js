/**
 * The gig.v1 client: one private stream that resumes where it stopped, and commands that survive a reconnect.
 * Statuses: connecting → live → waiting (comes back by itself) …, or for good: logged-out, stopped.
 * gigmarket/client/stream.py is the same machine; tests/conformance holds both to one script.
 */
import { comesBack, RATE, REVOKED } from "./closing.js";
import { unreachable } from "./api.js";
import { Commands } from "./commands.js";

export { newId, unreachable } from "./api.js";

/** @import * as Wire from "./protocol.d.ts" */

const FIRST_WINDOW_MS = 500;
const LAST_WINDOW_MS = 20_000;
const STEADY_MS = 5_000;
const BEHIND_MS = 5_000;
const ACK_MS = 2_000;
const WELCOME_MS = 15_000;
const GRACE_MS = 10_000;
const LAST_DAYS_MS = 6 * 86_400_000;

/** @typedef {{name: string, code?: number, problem?: Wire.Problem | null}} Status */

/**
 * @typedef {object} Options
 * @property {() => Promise<string>} ticket single-use; rejects with {status: 401} when logged out
 * @property {() => Promise<string>} [renew] a ticket of a new session, asked for in time
 * @property {() => WebSocket} connect
 * @property {(state: Wire.SnapshotState) => void} onSnapshot
 * @property {(event: Wire.Event) => void} onEvent every event once, in order
 * @property {(frame: Wire.State) => void} [onState] latest market values
 * @property {(status: Status) => void} [onStatus]
 * @property {(now: string) => void} [onNow] the server's clock
 * @property {() => number} [random]
 */

/** @param {Options} options */
export function createStream(options) {
  return new Stream(options);
}

class Stream {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {string | null} */
    this.epoch = null;
    /** @type {number | null} */
    this.seq = null;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Wire.Event[] | null} Events that wait for the snapshot before them. */
    this.early = null;
    /** @type {Wire.Problem | null} */
    this.problem = null;
    this.attempt = this.round = this.head = this.heartbeat = this.skew = 0;
    this.ends = "";
    this.live = this.opening = false;
    this.stopped = true;
    this.commands = new Commands();
    /** @type {Record<string, ReturnType<typeof setTimeout> | null>} */
    this.timers = {};
  }

  /** Connect now, also after `stop` or a final close. */
  start() {
    this.stopped = false;
    this.#drop();
    this.#open();
  }

  /** Close and stay closed; open commands are rejected. */
  stop() {
    this.stopped = true;
    this.#drop();
    this.commands.giveUp(unreachable());
  }

  /** The line is back, or someone looks: do not sit out the pause. */
  nudge() {
    if (this.stopped || this.socket || this.opening) return;
    this.attempt = 0;
    this.#open();
  }

  /** The network is gone: a socket may take half a minute to notice. */
  lost() {
    if (this.socket) this.#resume();
  }

  /**
   * Resolves with an operation's data, rejects with its problem.
   * The id is its idempotency key: sent again after a reconnect, it is answered with the first result.
   * @param {string} op
   * @param {object} args
   * @returns {Promise<any>}
   */
  command(op, args) {
    return this.commands.ask(op, args, (frame) => this.live && this.#send(frame));
  }

  /**
   * The newest position; lost without harm when there is no connection.
   * @param {Wire.PositionIn} point
   */
  position({ lat, lng, datum }) {
    if (this.live) this.#send({ t: "position", lat, lng, datum });
  }

  /** Go on under a new session, without a break. */
  async refresh() {
    if (!this.options.renew) return;
    try {
      const ticket = await this.options.renew();
      if (this.live) this.#send({ t: "refresh", ticket });
    } catch {
      if (this.live) this.#plan();
    }
  }

  async #open() {
    const round = ++this.round;
    this.opening = true;
    this.#clear();
    this.#tell({ name: "connecting" });
    try {
      const ticket = await this.options.ticket();
      if (round === this.round) this.#connect(round, ticket);
    } catch (error) {
      if (round !== this.round) return;
      const problem = /** @type {Wire.Problem & {retryAfter?: number}} */ (error);
      this.opening = false;
      if (problem?.status === 401 || problem?.status === 403) this.#end({ name: "logged-out", problem });
      else this.#retry({ name: "waiting", problem }, (problem?.retryAfter ?? 0) * 1000);
    }
  }

  /**
   * @param {number} round
   * @param {string} ticket
   */
  #connect(round, ticket) {
    const socket = this.options.connect();
    this.socket = socket;
    this.opening = false;
    const mine = (/** @type {(event: any) => void} */ act) => (/** @type {unknown} */ event) =>
      round === this.round && act(event);
    socket.onopen = mine(() => {
      const held = this.epoch === null || this.seq === null ? {} : { epoch: this.epoch, seq: this.seq };
      this.#send({ t: "hello", v: "gig.v1", ticket, ...held });
    });
    socket.onmessage = mine((message) => this.#receive(message.data));
    socket.onclose = mine((event) => this.#closed(event.code ?? 1006));
    this.#later("silence", WELCOME_MS, () => this.#resume());
  }

  /** @param {string} text */
  #receive(text) {
    if (this.live) this.#listen();
    /** @type {Wire.ServerFrame} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this.#resume();
    }
    switch (frame.t) {
      case "welcome":
        return this.#welcome(frame);
      case "snapshot":
        return this.#snapshot(frame);
      case "event":
        return this.#event(frame);
      case "result":
        return this.commands.settle(frame.id, frame);
      case "ping":
        return this.#ping(frame);
      case "refreshed":
        return this.#plan(frame.expires_at);
      case "state":
        return this.options.onState?.(frame);
      case "error":
        this.problem = frame.problem;
    }
  }

  /** @param {Wire.Welcome} frame */
  #welcome(frame) {
    this.epoch = frame.epoch;
    this.head = 0;
    this.heartbeat = frame.heartbeat_s * 1000;
    this.skew = Date.parse(frame.now) - Date.now();
    this.options.onNow?.(frame.now);
    this.#later("steady", STEADY_MS, () => (this.attempt = 0));
    this.#listen();
    this.#plan(frame.expires_at, true);
    if (frame.resumed) return this.#ready();
    // What was held belongs to a history that the server does not continue.
    this.seq = null;
    this.early = [];
  }

  #listen() {
    this.#later("silence", this.heartbeat + GRACE_MS, () => this.#resume());
  }

  /** Renew when 80% of the session are over; in its last days soon, for a page is seldom open for long. */
  #plan(ends = this.ends, first = false) {
    this.ends = ends;
    const left = Date.parse(ends) - Date.now() - this.skew;
    const ms = first && left < LAST_DAYS_MS ? STEADY_MS : Math.max(60_000, left * 0.8);
    if (this.options.renew && ms < 2 ** 31) this.#later("renew", ms, () => this.refresh());
  }

  /** @param {Wire.Snapshot} frame */
  #snapshot(frame) {
    this.seq = frame.seq;
    this.options.onSnapshot(frame.state);
    /** @type {Wire.Event[]} */
    const early = this.early ?? [];
    this.early = null;
    if (!this.live) this.#ready();
    for (const event of early) if (this.live) this.#event(event);
  }

  #ready() {
    this.live = true;
    this.#tell({ name: "live" });
    for (const frame of this.commands.frames()) this.#send(frame);
    this.#ackSoon();
  }

  /** Say what is held, a snapshot too: until then staff see its offers as not delivered. */
  #ackSoon() {
    if (this.seq && !this.timers.ack) this.#later("ack", ACK_MS, () => this.#send({ t: "ack", seq: this.seq ?? 0 }));
  }

  /** @param {Wire.Event} frame */
  #event(frame) {
    if (!Number.isInteger(frame.seq)) return this.#resume();
    if (this.early) return void this.early.push(frame);
    const held = this.seq ?? 0;
    if (frame.seq <= held) return;
    if (frame.seq > held + 1) return this.#resume();
    this.seq = frame.seq;
    if (this.timers.behind && this.seq >= this.head) this.#cancel("behind");
    this.options.onEvent(frame);
    this.#ackSoon();
  }

  /** @param {Wire.Ping} frame */
  #ping(frame) {
    this.#send({ t: "pong" });
    this.head = frame.seq;
    if (this.seq === null || frame.seq <= this.seq || this.timers.behind) return;
    this.#later("behind", BEHIND_MS, () => (this.seq ?? 0) < this.head && this.#resume());
  }

  /** Something is missing or the line is dead: continue from `seq` on a new connection. */
  #resume() {
    this.#drop();
    this.#retry({ name: "waiting" });
  }

  /** @param {number} code */
  #closed(code) {
    const problem = this.problem;
    this.#drop();
    if (code === REVOKED) return this.#end({ name: "logged-out", code, problem });
    if (!comesBack(code)) return this.#end({ name: "stopped", code, problem });
    if (code === RATE) this.attempt = Math.max(this.attempt, 5);
    this.#retry({ name: "waiting", code, problem });
  }

  /**
   * Come back after a pause: full jitter in a window that doubles from 0.5 to 20 s.
   * @param {Status} status
   */
  #retry(status, atLeast = 0) {
    if (this.stopped) return;
    this.#tell(status);
    const { random = Math.random } = this.options;
    const pause = random() * Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** this.attempt++);
    this.#later("retry", atLeast + pause, () => this.#open());
  }

  /** @param {Status} status */
  #end(status) {
    this.stopped = true;
    this.#tell(status);
    this.commands.giveUp(status.problem ?? unreachable());
  }

  #drop() {
    this.round++;
    this.#clear();
    this.live = this.opening = false;
    const { socket } = this;
    this.socket = this.early = this.problem = null;
    if (socket && socket.readyState <= 1) socket.close();
  }

  /** @param {Wire.ClientFrame} frame */
  #send(frame) {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  /** @param {Status} status */
  #tell(status) {
    this.options.onStatus?.(status);
  }

  /**
   * @param {string} name
   * @param {number} ms
   * @param {() => unknown} act
   */
  #later(name, ms, act) {
    this.#cancel(name);
    this.timers[name] = setTimeout(() => {
      this.timers[name] = null;
      act();
    }, ms);
  }

  /** @param {string} name */
  #cancel(name) {
    clearTimeout(this.timers[name] ?? undefined);
    this.timers[name] = null;
  }

  #clear() {
    Object.keys(this.timers).forEach((name) => this.#cancel(name));
  }
}
