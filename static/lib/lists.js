/** Lists of the city that a page cannot do without: asked for again until they are there. */

const AGAIN_MS = 3_000;

/**
 * @param {{value: any[]}} list a signal
 * @param {() => Promise<{items: any[]}>} ask
 * @param {() => unknown} wanted whether who asked is still there
 * @returns {Promise<boolean>} whether it was filled
 */
export async function fill(list, ask, wanted) {
  while (wanted()) {
    const found = await ask().catch(() => null);
    if (found) {
      list.value = found.items;
      return true;
    }
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
  return false;
}
