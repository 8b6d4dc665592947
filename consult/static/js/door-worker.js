// Keeps the page of the door and what it needs, so that it opens without the network. Scans are kept by the page.
const KEPT = "door-1";

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  // the page itself, the people of the day, and what the page is made of; badges and other pages are not kept
  const isKept = pathname.startsWith("/static/") || /^\/door\/[^/]+(\/people\.json)?$/.test(pathname);
  if (request.method !== "GET" || origin !== location.origin || !isKept) return;
  event.respondWith(
    fetch(request)
      .then(async (answer) => {
        if (answer.ok) (await caches.open(KEPT)).put(request, answer.clone());
        else if (answer.status === 404) await caches.delete(KEPT);
        return answer;
      })
      .catch(async () => (await caches.match(request, { ignoreSearch: request.mode === "navigate" })) || Response.error()),
  );
});
