// What a person wrote lies in this browser's own store until the clinic's computer has it, and is then removed.
//   outbox.keep(one)      one = { id, kind, ... }: kept before it is sent
//   outbox.all(kind)      what waits, the oldest first
//   outbox.remove(id)     once it was acknowledged
"use strict";
const outbox = (() => {
  const NAME = "microrelief-outbox", PLACE = "waiting";
  let opened = null;

  function open() {
    opened ??= new Promise((done, failed) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(PLACE, { keyPath: "id" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
    opened.catch(() => { opened = null; });
    return opened;
  }
  async function within(mode, ask) {
    const store = await open();
    return new Promise((done, failed) => {
      const step = store.transaction(PLACE, mode, { durability: "strict" });
      const asked = ask(step.objectStore(PLACE));
      step.oncomplete = () => done(asked.result);
      step.onerror = step.onabort = () => failed(step.error);
    });
  }
  return {
    keep: (one) => within("readwrite", (place) => place.put(one)),
    remove: (id) => within("readwrite", (place) => place.delete(id)),
    async all(kind) {
      const found = await within("readonly", (place) => place.getAll());
      return found.filter((one) => one.kind === kind).sort((one, other) => one.at - other.at);
    },
    newKey: () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join(""),
  };
})();
