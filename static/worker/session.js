/** Who is logged in on this phone. */
import { createSession } from "../lib/session.js";

export const session = createSession("worker", true);
