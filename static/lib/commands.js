/** Commands without an answer yet: sent again after each reconnect, given up after a while. */

import { newId, unreachable } from "./api.js";

/** @import * as Wire from "./protocol.d.ts" */

const COMMAND_MS = 20_000;

/**
 * @typedef {object} Waiting
 * @property {Wire.Command} frame
 * @property {(data: any) => void} resolve
 * @property {(problem: Wire.Problem) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 */

/** By id, oldest first. The id is the idempotency key: a repeat is answered with the first result. */
export class Commands {
  constructor() {
    /** @type {Map<string, Waiting>} */
    this.waiting = new Map();
  }

  /**
   * Wait for an answer for 20 s.
   * @param {string} op
   * @param {object} args
   * @param {(frame: Wire.Command) => void} send called at once with the frame
   * @returns {Promise<any>} the operation's data; rejects with its problem
   */
  ask(op, args, send) {
    const id = newId();
    const frame = /** @type {Wire.Command} */ ({ t: "command", id, op, args });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(id, { problem: unreachable() }), COMMAND_MS);
      this.waiting.set(id, { frame, resolve, reject, timer });
      send(frame);
    });
  }

  /** The frames to send again. */
  frames() {
    return [...this.waiting.values()].map(({ frame }) => frame);
  }

  /**
   * A command's end. Nobody may be waiting any more.
   * @param {string} id
   * @param {{data?: unknown, problem?: Wire.Problem | null}} end
   */
  settle(id, { data, problem }) {
    const command = this.waiting.get(id);
    if (!command) return;
    this.waiting.delete(id);
    clearTimeout(command.timer);
    if (problem) command.reject(problem);
    else command.resolve(data);
  }

  /**
   * Nothing of it will be answered.
   * @param {Wire.Problem} problem
   */
  giveUp(problem) {
    for (const id of [...this.waiting.keys()]) this.settle(id, { problem });
  }
}
