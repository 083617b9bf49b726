// Small help for the pages; everything also works without it.
//   data-into="#place"   a form or link whose answer replaces that place (its first element with the same id)
//   data-live            a search field that asks while one types
//   data-confirm="..."   asks before a form is sent
//   data-once            the button sleeps after the first press (the server takes a second one for the first)
//   body[data-idle]      seconds after which the session is over: the page then goes to the sign-in by itself
"use strict";

const waiting = new Map();

async function fetchInto(place, address, options) {
  waiting.get(place)?.abort();
  const control = new AbortController();
  waiting.set(place, control);
  try {
    const answer = await fetch(address, {
      ...options,
      headers: { "X-Partial": place, ...(options?.headers ?? {}) },
      signal: control.signal,
      credentials: "same-origin",
    });
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/account/")) {
      location.assign(answer.url);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(place);
    const old = document.querySelector(place);
    if (!found || !old) {
      location.assign(answer.url);
      return;
    }
    old.replaceWith(document.adoptNode(found));
    begin(document.querySelector(place));
    if (!options?.background) restart();
  } catch (error) {
    if (error.name !== "AbortError") say(phrase("There is no connection to the clinic's computer. Nothing was lost; try again."));
  } finally {
    if (waiting.get(place) === control) waiting.delete(place);
  }
}

function say(sentence) {
  const place = document.querySelector("#said");
  if (!place) return;
  place.textContent = "";
  const note = document.createElement("p");
  note.className = "note warn";
  note.textContent = sentence;
  place.append(note);
}

function send(form, submitter) {
  const address = new URL(form.action || location.href);
  const data = new FormData(form, submitter);
  if ((form.method || "get").toLowerCase() === "get") {
    address.search = new URLSearchParams(data).toString();
    return fetchInto(form.dataset.into, address, { method: "GET" });
  }
  return fetchInto(form.dataset.into, address, { method: "POST", body: data });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.into) {
    event.preventDefault();
    send(form, event.submitter);
  } else if (form.matches("[data-once]")) {
    setTimeout(() => form.querySelectorAll("button").forEach((button) => (button.disabled = true)), 0);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-into]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  fetchInto(link.dataset.into, link.href, { method: "GET" });
});

let typing;
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-live]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => send(event.target.form), 250);
});

// A page that comes back from the browser's memory after signing out, or with sleeping buttons, is asked for again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

let over;
function restart() {
  const seconds = Number(document.body.dataset.idle);
  if (!seconds) return;
  clearTimeout(over);
  over = setTimeout(() => location.reload(), (seconds + 5) * 1000);
}

function begin(place) {
  place?.querySelectorAll("[data-count]").forEach((field) => field.setAttribute("aria-live", "polite"));
}

// the place where one is, in a menu that is wider than the screen
document.querySelectorAll(".menu [aria-current], .chips [aria-current]").forEach((one) => one.scrollIntoView({ block: "nearest", inline: "center" }));
// Photographs that an earlier page could not send are named until they are; their own page sends them.
async function tellUnsent() {
  const who = document.body.dataset.person;
  const waits = who ? (await outbox.all("photo")).filter((one) => one.who === who && one.address !== location.pathname) : [];
  if (!waits.length) return;
  const note = document.createElement("p"), link = document.createElement("a");
  note.className = "note warn";
  link.href = waits[0].address;
  link.textContent = phrase("Send them now");
  note.append(phrase("Photographs wait on this device: {count}.", { count: waits.length }), " ", link);
  document.querySelector("#said")?.append(note);
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {});
tellUnsent().catch(() => {});
restart();
begin(document);
