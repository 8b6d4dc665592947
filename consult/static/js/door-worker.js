// Keeps the page of the door and what it is made of, so that it opens without the network. No names: those the page
// keeps itself, encrypted. Scans are kept by the page too.
const KEPT = "door-2";

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) =>
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
      await self.clients.claim();
    })(),
  ),
);

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  const isPage = /^\/door\/[^/]+$/.test(pathname);
  if (request.method !== "GET" || origin !== location.origin || !(pathname.startsWith("/static/") || isPage)) return;
  event.respondWith(
    fetch(request)
      .then(async (answer) => {
        // a page that shows what was searched for is not kept
        if (answer.ok && !(isPage && search)) (await caches.open(KEPT)).put(request, answer.clone());
        else if (answer.status === 404 && isPage) await caches.delete(KEPT);
        return answer;
      })
      .catch(async () => (await caches.match(request, { ignoreSearch: request.mode === "navigate" })) || Response.error()),
  );
});
