// The patient's diary on a phone: an entry is kept here first, then sent, and removed once the clinic has it.
// Bad wifi, a closed browser, a second press: one entry, and none lost.
"use strict";
(() => {
  const body = document.body, kept = document.querySelector("#kept"), form = document.querySelector("#entry");
  const KIND = "diary", LAST = "diary-last", SLOW = 20000;
  let sending = false, timer = 0, wait = 2000;

  // the page without a connection may stand at the address of a link: that address is not left standing
  if (form && !body.dataset.diary) history.replaceState(null, "", body.dataset.home);
  if (body.dataset.diary) localStorage.setItem(LAST, body.dataset.diary);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(body.dataset.worker, { scope: body.dataset.home }).catch(() => {});

  function tell(words, tone) {
    kept.hidden = !words;
    kept.className = `note ${tone}`;
    kept.textContent = words;
  }

  async function ask(address, options) {
    const control = new AbortController(), slow = setTimeout(() => control.abort(), SLOW + 4 * SLOW * Boolean(options?.body));
    try {
      return await fetch(address, { credentials: "same-origin", cache: "no-store", signal: control.signal, headers: { Accept: "application/json" }, ...options });
    } finally {
      clearTimeout(slow);
    }
  }

  function shut(answer) {
    return { state: "shut", says: answer.says || kept.dataset.again };
  }

  // "sent" with where to go, "wait" for a connection, "shut" for a link, "other" for another diary, "no" with a reason
  async function send(one) {
    const door = await ask(body.dataset.open);
    if (door.status === 410) return shut(await door.json().catch(() => ({})));
    if (!door.ok) return { state: "wait" };
    const { diary, csrf } = await door.json();
    if (one.diary && one.diary !== diary) return { state: "other" };
    const data = new FormData();
    for (const [name, value] of one.fields) if (name !== "csrfmiddlewaretoken" && name !== "diary") data.append(name, value);
    data.append("csrfmiddlewaretoken", csrf);
    data.append("diary", one.diary || "");
    data.append("waited", String(Math.max(0, Math.round((Date.now() - one.at) / 1000))));
    if (one.photo) data.append("photo", one.photo, one.photo.name || "photo.jpg");
    const answer = await ask(body.dataset.home, { method: "POST", body: data });
    const says = await answer.json().catch(() => ({}));
    if (answer.ok && says.url) return { state: "sent", url: says.url };
    if (answer.status === 410) return shut(says);
    if (one.photo && [413, 415].includes(answer.status)) return { state: "lighter" }; // the file itself was refused
    if (answer.status === 422) return { state: "no", says: says.says };
    return { state: "wait" };
  }

  function inWords(one) {
    const at = one.fields.findIndex(([name, value]) => name === "temperature_celsius" && value);
    if (at < 0) return false;
    const [[, degrees]] = one.fields.splice(at, 1), note = one.fields.find(([name]) => name === "note");
    note[1] = `${note[1]} (${degrees} °C)`.trim();
    return true;
  }

  async function sendAll(mine) {
    while (sending && mine) await new Promise((done) => setTimeout(done, 100));
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    let state = "", why = "";
    try {
      for (const one of await outbox.all(KIND)) {
        let done = await send(one);
        if (done.state === "lighter") {
          one.photo = null; // the photograph cannot be sent: the answers must not wait for it, and say so
          one.fields.push(["photo_lost", "on"]);
          await outbox.keep(one);
          done = await send(one);
        }
        if (done.state === "sent") {
          await outbox.remove(one.id);
          if (one.id === mine?.id) { location.assign(done.url); return; }
          tell(kept.dataset.sent, "good");
          continue;
        }
        if (done.state === "no" && one.id !== mine?.id && inWords(one)) {
          await outbox.keep(one); // nobody is there to mend it: what cannot be a number is told in words
          done = await send(one);
          if (done.state === "sent") { await outbox.remove(one.id); tell(kept.dataset.sent, "good"); continue; }
        }
        state = done.state;
        why = done.says;
        if (state === "no") {
          tell(done.says, "bad");
          if (one.id === mine?.id) { await outbox.remove(one.id); return; } // it stands in the form, to be mended
          continue;
        }
        if (state !== "other") break;
      }
    } catch {
      state = "wait";
    } finally {
      sending = false;
    }
    if (state === "shut") tell(`${kept.dataset.shut} ${why}`, "warn");
    if (state === "other") tell(kept.dataset.other, "warn");
    if (state === "wait") {
      tell(kept.dataset.waits, "warn");
      wait = Math.min(wait * 1.6, 60000);
      timer = setTimeout(() => sendAll(), wait);
    }
    if (mine && state && state !== "no") instead(mine);
  }

  // no answer came from the clinic's computer: what must not wait is said by the phone itself
  function instead(one) {
    const place = document.querySelector("#instead"), title = document.querySelector("#instead-title"), says = document.querySelector("#instead-says");
    const red = one.red.find((flag) => flag.level === "emergency") ?? one.red[0];
    title.textContent = red ? title.dataset[red.level === "emergency" ? "emergency" : "sameDay"] : title.dataset.kept;
    says.textContent = red ? red.says : kept.textContent;
    place.classList.toggle("alarm", Boolean(red));
    document.querySelector("#instead-call").hidden = !red;
    form.hidden = true;
    document.querySelectorAll(".today, .leave").forEach((part) => (part.hidden = true));
    place.hidden = false;
    title.focus();
  }

  function redFlags() {
    const found = [...form.querySelectorAll("[data-red]:checked")].map((box) => ({ level: box.dataset.red, says: box.dataset.says }));
    const fever = Number(String(form.elements.temperature_celsius.value).replace(",", "."));
    const pus = form.querySelector("[name=pus]"), from = Number(form.querySelector("[data-fever]").dataset.fever);
    if (fever >= from && pus) found.push({ level: pus.dataset.red, says: pus.dataset.says });
    return found;
  }

  form?.addEventListener("submit", async (event) => {
    if (typeof outbox === "undefined" || !window.indexedDB) return; // an old browser sends the form itself
    event.preventDefault();
    const button = form.querySelector("button.send");
    if (button.disabled) return;
    button.disabled = true;
    const id = outbox.newKey();
    form.elements.key.value = id;
    const photo = form.elements.photo?.files[0] ?? null;
    const one = {
      id, kind: KIND, at: Date.now(), photo, red: redFlags(), diary: body.dataset.diary || localStorage.getItem(LAST) || "",
      fields: [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    };
    try {
      await outbox.keep(one);
    } catch {
      tell(kept.dataset.full, "warn");
      button.disabled = false;
      form.submit();
      return;
    }
    await sendAll(one);
    button.disabled = false;
  });

  window.addEventListener("online", () => { wait = 2000; sendAll(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sendAll(); });
  if (typeof outbox !== "undefined") sendAll();
})();
