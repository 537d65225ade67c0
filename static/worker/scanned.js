/**
 * The sign at a site's gate, read by the phone's own camera: its QR code is this page's address with the site's
 * code, `/worker/#in=314159`. Whoever comes by it is taken to the gig that begins next, with the code typed in.
 */
const FORM = /^#in=(\d{4,12})$/;

/** The code that this page was opened with, or null. */
export const scanned = () => FORM.exec(location.hash)?.[1] ?? null;

/** Whose check-in that is for: the gig at hand that is nearest in time. */
export function meant(assignments, now) {
  const far = ({ gig }) => Math.abs(Date.parse(gig.starts_at) - now);
  return assignments.filter(({ status }) => status === "confirmed").sort((a, b) => far(a) - far(b))[0] ?? null;
}
