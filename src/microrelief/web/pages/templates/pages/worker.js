// The site without a connection: one page that says what still works. No page of a patient is ever kept.
"use strict";
const KEPT = [{% for name in kept %}"{{ name|escapejs }}", {% endfor %}"{{ offline|escapejs }}"];
const OFFLINE = "{{ offline|escapejs }}";
const STORE = "site-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(KEPT)).then(() => self.skipWaiting()));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname } = new URL(request.url);
  const page = request.mode === "navigate" && !pathname.startsWith("/diary/");
  if (!page && !KEPT.includes(pathname)) return;
  event.respondWith(fetch(request).catch(async () => (await caches.match(page ? OFFLINE : pathname)) ?? Response.error()));
});
