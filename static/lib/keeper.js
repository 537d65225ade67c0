/** Have the browser keep this client's files, so that the page opens without a network. */

/** @param {string} client worker | kiosk */
export function keepFiles(client) {
  // Without HTTPS (or localhost) a browser has no service workers; then the page needs its network.
  navigator.serviceWorker?.register(`/${client}/offline.js`, { scope: `/${client}/` }).catch(() => {});
}
