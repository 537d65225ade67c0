/** Close codes of gig.v1, as in the server's table: 4000–4499 come back, 4500–4999 do not. */
export const RATE = 4006;
export const REPLACED = 4501;
export const REVOKED = 4502;
export const FORBIDDEN = 4503;

/** @param {number} code */
export const comesBack = (code) => code < 4500;
