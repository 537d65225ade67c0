/** Small choices kept on this device; a browser that refuses storage just forgets them. */

/**
 * @param {string} name
 * @param {string | null} [otherwise]
 */
export function recall(name, otherwise = null) {
  try {
    return localStorage.getItem(`gm.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} name
 * @param {string | null} value null forgets it
 */
export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(`gm.${name}`);
    else localStorage.setItem(`gm.${name}`, value);
  } catch {
    /* private mode: the choice lasts as long as the page */
  }
}
