/**
 * The gig.v1 client: one private stream that resumes where it stopped, and commands that survive a reconnect.
 * Statuses: connecting → live → waiting (comes back by itself) …, or for good: logged-out, stopped.
 */
import { comesBack, RATE, REVOKED } from "./closing.js";

const FIRST_WINDOW_MS = 500;
const LAST_WINDOW_MS = 20_000;
const STEADY_MS = 5_000;
const BEHIND_MS = 5_000;
const ACK_MS = 2_000;
const COMMAND_MS = 20_000;
const WELCOME_MS = 15_000;
const GRACE_MS = 10_000;
const LAST_DAYS_MS = 6 * 86_400_000;

/** An id nobody else has; `randomUUID` exists only in secure contexts, and a village kiosk may be on http. */
export function newId() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {object} options
 * @param {() => Promise<string>} options.ticket single-use; rejects with {status: 401} when logged out
 * @param {() => Promise<string>} [options.renew] a ticket of a new session, asked for in time
 * @param {() => WebSocket} options.connect
 * @param {(state: object) => void} options.onSnapshot
 * @param {(event: object) => void} options.onEvent every event once, in order
 * @param {(frame: object) => void} [options.onState] latest market values
 * @param {(status: {name: string, code?: number, problem?: object}) => void} [options.onStatus]
 * @param {(now: string) => void} [options.onNow] the server's clock
 * @param {() => number} [options.random]
 */
export function createStream(options) {
  return new Stream(options);
}

class Stream {
  constructor(options) {
    this.options = options;
    this.epoch = this.seq = this.socket = null;
    this.attempt = this.round = 0;
    this.live = false;
    this.stopped = true;
    this.commands = new Map();
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
    this.#giveUp(unreachable());
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
   */
  command(op, args) {
    const id = newId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, false, unreachable()), COMMAND_MS);
      this.commands.set(id, { frame: { t: "command", id, op, args }, resolve, reject, timer });
      if (this.live) this.#send(this.commands.get(id).frame);
    });
  }

  /** The newest position; lost without harm when there is no connection. */
  position({ lat, lng, datum }) {
    if (this.live) this.#send({ t: "position", lat, lng, datum });
  }

  /** Go on under a new session, without a break. */
  async refresh() {
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
    } catch (problem) {
      if (round !== this.round) return;
      this.opening = false;
      if (problem?.status === 401 || problem?.status === 403) this.#end({ name: "logged-out", problem });
      else this.#retry({ name: "waiting", problem }, (problem?.retryAfter ?? 0) * 1000);
    }
  }

  #connect(round, ticket) {
    const socket = this.options.connect();
    this.socket = socket;
    this.opening = false;
    const mine = (act) => (event) => round === this.round && act(event);
    socket.onopen = mine(() => {
      const held = this.epoch === null || this.seq === null ? {} : { epoch: this.epoch, seq: this.seq };
      this.#send({ t: "hello", v: "gig.v1", ticket, ...held });
    });
    socket.onmessage = mine((message) => this.#receive(message.data));
    socket.onclose = mine((event) => this.#closed(event.code ?? 1006));
    this.#later("silence", WELCOME_MS, () => this.#resume());
  }

  #receive(text) {
    if (this.live) this.#listen();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this.#resume();
    }
    const act = {
      welcome: () => this.#welcome(frame),
      snapshot: () => this.#snapshot(frame),
      event: () => this.#event(frame),
      result: () => this.#settle(frame.id, frame.ok, frame.ok ? frame.data : frame.problem),
      ping: () => this.#ping(frame),
      refreshed: () => this.#plan(frame.expires_at),
      state: () => this.options.onState?.(frame),
      error: () => (this.problem = frame.problem),
    }[frame.t];
    act?.();
  }

  #welcome(frame) {
    this.epoch = frame.epoch;
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

  #snapshot(frame) {
    this.seq = frame.seq;
    this.options.onSnapshot(frame.state);
    const early = this.early ?? [];
    this.early = null;
    if (!this.live) this.#ready();
    for (const event of early) if (this.live) this.#event(event);
  }

  #ready() {
    this.live = true;
    this.#tell({ name: "live" });
    for (const { frame } of this.commands.values()) this.#send(frame);
    this.#ackSoon();
  }

  /** Say what is held, a snapshot too: until then staff see its offers as not delivered. */
  #ackSoon() {
    if (this.seq && !this.timers.ack) this.#later("ack", ACK_MS, () => this.#send({ t: "ack", seq: this.seq }));
  }

  #event(frame) {
    if (!Number.isInteger(frame.seq)) return this.#resume();
    if (this.early) return void this.early.push(frame);
    if (frame.seq <= this.seq) return;
    if (frame.seq > this.seq + 1) return this.#resume();
    this.seq = frame.seq;
    if (this.timers.behind && this.seq >= this.head) this.#cancel("behind");
    this.options.onEvent(frame);
    this.#ackSoon();
  }

  #ping(frame) {
    this.#send({ t: "pong" });
    this.head = frame.seq;
    if (this.seq === null || frame.seq <= this.seq || this.timers.behind) return;
    this.#later("behind", BEHIND_MS, () => this.seq < this.head && this.#resume());
  }

  /** Something is missing or the line is dead: continue from `seq` on a new connection. */
  #resume() {
    this.#drop();
    this.#retry({ name: "waiting" });
  }

  #closed(code) {
    const problem = this.problem;
    this.#drop();
    if (code === REVOKED) return this.#end({ name: "logged-out", code, problem });
    if (!comesBack(code)) return this.#end({ name: "stopped", code, problem });
    if (code === RATE) this.attempt = Math.max(this.attempt, 5);
    this.#retry({ name: "waiting", code, problem });
  }

  #retry(status, atLeast = 0) {
    if (this.stopped) return;
    this.#tell(status);
    // Full jitter in a window that doubles from 0.5 to 20 s.
    const { random = Math.random } = this.options;
    const pause = random() * Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** this.attempt++);
    this.#later("retry", atLeast + pause, () => this.#open());
  }

  #end(status) {
    this.stopped = true;
    this.#tell(status);
    this.#giveUp(status.problem ?? unreachable());
  }

  #drop() {
    this.round++;
    this.#clear();
    this.live = this.opening = false;
    const { socket } = this;
    this.socket = this.early = this.problem = null;
    if (socket?.readyState <= 1) socket.close();
  }

  #giveUp(problem) {
    for (const id of [...this.commands.keys()]) this.#settle(id, false, problem);
  }

  #settle(id, ok, value) {
    const command = this.commands.get(id);
    if (!command) return;
    this.commands.delete(id);
    clearTimeout(command.timer);
    if (ok) command.resolve(value);
    else command.reject(value);
  }

  #send(frame) {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  #tell(status) {
    this.options.onStatus?.(status);
  }

  #later(name, ms, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(() => {
      this.timers[name] = null;
      act();
    }, ms);
  }

  #cancel(name) {
    clearTimeout(this.timers[name]);
    this.timers[name] = null;
  }

  #clear() {
    Object.keys(this.timers).forEach((name) => this.#cancel(name));
  }
}

/** The problem of a command that could not be delivered in time; what became of it, the stream will tell. */
export function unreachable() {
  return { type: "/problems/unreachable", title: "No connection", status: 0, detail: "no connection to the server" };
}
