/** How the way to a gig is told to who has next to none. */
import { clock } from "../lib/format.js";

/** Who is there within a minute has no time to leave at: it would be the start's own. */
export const near = ({ leaves_at: leaves, gig }) => clock(leaves) === clock(gig.starts_at);
