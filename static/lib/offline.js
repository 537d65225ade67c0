/**
 * The service worker of a client that opens without a network. Not a module: the server puts `KEPT` before it, and
 * a new release is a new script. Files have the release in their names, so what is kept is never too old; the page
 * itself is asked for first and taken from here when nobody answers.
 */
const NAME = `gigmarket-${KEPT.client}-`;
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));
self.addEventListener("activate", (event) => event.waitUntil(dropOlder()));
// A page that was loaded while the worker became active, or past it, is not its own yet.
self.addEventListener("message", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(kept(event.request));
  else if (mode === "navigate" && pathname === KEPT.page) event.respondWith(page(event.request));
});

async function keepAll() {
  const cache = await caches.open(NAME + KEPT.release);
  await cache.addAll([KEPT.page, ...KEPT.files]);
  await self.skipWaiting();
}

async function dropOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(NAME) && name !== NAME + KEPT.release).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** A name without a release is today's file. */
async function kept(request) {
  const { pathname } = new URL(request.url);
  const today = pathname.replace(/^\/static\/(?![0-9a-f]{12}\/)/, `/static/${KEPT.release}/`);
  return (await caches.match(today)) ?? fetch(request);
}

async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return (await caches.match(KEPT.page)) ?? Response.error();
  }
}
