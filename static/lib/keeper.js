/** Have the browser keep this client's files, so that the page opens without a network. */

/** @param {string} client worker | kiosk */
export function keepFiles(client) {
  // Without HTTPS (or localhost) there is none.
  const keeper = navigator.serviceWorker;
  keeper?.register(`/${client}/offline.js`, { scope: `/${client}/` })
    .then(() => keeper.ready)
    .then(({ active }) => keeper.controller || active?.postMessage("claim"))
    .catch(() => {});
}
