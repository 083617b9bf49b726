// The diary without a connection: only files that hold nothing of anybody, and the page of questions without a name.
// What a person writes never comes through here; it lies in the outbox until the clinic's computer has it.
"use strict";
const KEPT = [{% for name in kept %}"{{ name|escapejs }}", {% endfor %}"{{ offline|escapejs }}"];
const OFFLINE = "{{ offline|escapejs }}";
const STORE = "diary-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(KEPT)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("diary-") && name !== STORE) await caches.delete(name);
    await self.clients.claim();
  })());
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  } else if (KEPT.includes(pathname) && pathname !== OFFLINE) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(pathname)) ?? Response.error()));
  }
});
