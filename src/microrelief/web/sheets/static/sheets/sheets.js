// A page of questions saves itself while one writes, and shows at once what the rules say.
//   form[data-autosave]   sent after a pause; the parts [data-part] of the answer take the place of those in the page
//   data-when="name=value"  shown only with that answer
//   data-instead="name"     a box that empties that field, and is emptied by it
//   data-alone              a box "none" that empties its neighbours
// Without this script the buttons of the page do the same.
"use strict";
(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const status = document.querySelector("#saved");
  const STOPS = "a, button, summary, input, select, textarea";
  let timer = 0;
  let busy = null;
  let stopped = Boolean(document.querySelector("[data-stop]"));
  let again = false;
  let edits = 0;

  // What could not be saved lies in this browser until it is: a page that goes away takes nothing with it.
  // Each person and each tab keeps its own, or what one saved would take away what another still waits to save.
  const who = document.body.dataset.person ?? "";
  const PLACE = `sheet ${form.getAttribute("action") || location.pathname}`, TAB = "microrelief-tab";
  if (!sessionStorage.getItem(TAB)) sessionStorage.setItem(TAB, outbox.newKey());
  const UNSENT = { id: `${PLACE} ${who} ${sessionStorage.getItem(TAB)}`, kind: "sheet" };

  async function keepUnsent() {
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    return outbox.keep({ ...UNSENT, who, at: Date.now(), address: location.pathname, fields });
  }
  async function bringBack() {
    if (stopped) return outbox.remove(UNSENT.id); // this page asks about it, and holds it
    const kept = async () => (await outbox.all("sheet")).find((one) => one.id === UNSENT.id);
    if (!(await kept())) await takeOver();
    const one = await kept();
    if (!one) return;
    form.inert = true; // what is answered now would take its place
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const [name, value] of one.fields) data.append(name, value);
    for (;;) {
      const heard = await save(data);
      if (!(await kept())) return location.reload();
      if (stopped) return askWhole(one.fields);
      if (heard) break; // the page said what to do
      await new Promise((done) => setTimeout(done, 4000));
    }
    form.inert = false;
  }
  // what a tab left that may be closed by now
  async function takeOver() {
    const left = (one) => one.who === who && (one.id === PLACE || one.id.startsWith(`${PLACE} `));
    const one = (await outbox.all("sheet")).find(left);
    if (!one) return;
    await outbox.keep({ ...one, id: UNSENT.id });
    await outbox.remove(one.id);
  }
  // somebody else was faster: the page that asks must hold what waited here, or "mine" would be theirs
  function askWhole(fields) {
    const whole = document.createElement("form");
    whole.method = "post";
    whole.action = form.getAttribute("action") || location.href;
    for (const [name, value] of [["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value], ...fields]) {
      whole.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(whole);
    whole.submit();
  }

  function say(words) {
    if (status) status.textContent = words;
  }

  // `before` is what waited here; true once the clinic's computer answered
  async function save(before) {
    clearTimeout(timer);
    timer = 0;
    if (stopped) return;
    if (busy) {
      again = true;
      return busy;
    }
    say(phrase("Saving…"));
    const sent = edits;
    const waited = before instanceof FormData;
    let heard = false;
    busy = (async () => {
      try {
        const answer = await fetch(form.getAttribute("action") || location.href, {
          method: "POST",
          body: waited ? before : new FormData(form),
          headers: { "X-Partial": "parts" },
          credentials: "same-origin",
        });
        if (answer.redirected) {
          if (!waited) await keepUnsent();
          location.reload();
          return;
        }
        if (answer.status >= 500) throw new Error("the clinic's computer is busy");
        heard = true;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const version = page.querySelector("[data-version]");
        if (version) form.elements.version.value = version.dataset.version;
        stopped = Boolean(page.querySelector("[data-stop]"));
        document.querySelectorAll("[data-part]").forEach((old) => {
          const fresh = page.querySelector(`[data-part="${old.dataset.part}"]`);
          const active = old.contains(document.activeElement) ? document.activeElement : null;
          // an answer given since this was sent is not in it: the next save brings the part anew
          if (edits !== sent && old.querySelector("input, select, textarea")) return;
          if (fresh && !active?.matches("input:not([type=radio]):not([type=checkbox]), textarea")) {
            const open = [...old.querySelectorAll("details")].map((one) => one.open);
            fresh.querySelectorAll("details").forEach((one, at) => {
              if (open[at]) one.open = true;
            });
            const at = active ? [...old.querySelectorAll(STOPS)].indexOf(active) : -1;
            old.replaceWith(document.adoptNode(fresh));
            if (active?.name) {
              [...fresh.querySelectorAll(`[name="${active.name}"]`)].find((one) => one.value === active.value)?.focus();
            } else if (active) {
              const stops = [...fresh.querySelectorAll(STOPS)];
              (stops[at] ?? stops.at(-1))?.focus();
            }
          }
        });
        if ((version || stopped) && !(waited && stopped)) await outbox.remove(UNSENT.id).catch(() => {});
        if (version || stopped) say(stopped ? phrase("Not saved") : phrase("Saved as a draft"));
        else {
          if (!waited) await keepUnsent(); // the page may be too old to send it; the next one is not
          say(phrase("Not saved: reload the page"));
        }
      } catch {
        say(phrase("No connection: not saved yet, it is tried again"));
        if (waited) return; // it is kept, and sent again
        await keepUnsent().catch(() => {});
        timer = setTimeout(save, 4000);
      }
    })();
    await busy;
    busy = null;
    if (again) {
      again = false;
      return save();
    }
    return heard;
  }

  function soon(event) {
    if (event.target.matches("[data-quiet]") || form.inert) return;
    edits += 1;
    clearTimeout(timer);
    timer = setTimeout(save, event.type === "change" ? 250 : 900);
  }
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) save(); });
  bringBack().catch(() => {});
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  document.querySelectorAll(`[form="${form.id}"]`).forEach((one) => one.addEventListener("change", soon));

  // a press while a save is on its way waits for it, or it would meet its own change
  // until the next page is there nothing more is taken: it would be lost with this one
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    setTimeout(() => (form.inert = Boolean(busy) || !event.defaultPrevented), 0);
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    again = false;
    await busy;
    form.requestSubmit(event.submitter);
  });

  function shown() {
    form.querySelectorAll("[data-when]").forEach((one) => {
      const [name, values] = one.dataset.when.split("=");
      const chosen = new FormData(form).getAll(name);
      one.hidden = !values.split("|").some((value) => chosen.includes(value));
    });
  }
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset.instead && box.checked) form.elements[box.dataset.instead].value = "";
    if (!box.dataset.instead && box.value) {
      form.querySelectorAll(`[data-instead="${box.name}"]`).forEach((one) => (one.checked = false));
    }
    if (box.type === "checkbox" && box.checked) {
      const near = box.closest(".seg-in")?.querySelectorAll(`input[name="${box.name}"]`) ?? [];
      near.forEach((one) => {
        if (one !== box && (box.hasAttribute("data-alone") || one.hasAttribute("data-alone"))) one.checked = false;
      });
    }
    shown();
  });
  // a chosen answer pressed again, or Delete on it, is taken back: "not asked" must stay possible
  let pressed = null;
  form.addEventListener("pointerdown", (event) => {
    const radio = event.target.matches?.(".seg input[type=radio]") ? event.target : null;
    pressed = radio?.checked ? radio : null;
  });
  form.addEventListener("click", (event) => {
    if (!pressed || event.target !== pressed) return;
    pressed.checked = false;
    pressed.dispatchEvent(new Event("change", { bubbles: true }));
    pressed = null;
  });
  form.addEventListener("keydown", (event) => {
    const radio = event.target.matches?.(".seg input[type=radio]:checked") ? event.target : null;
    if (!radio || (event.key !== "Delete" && event.key !== "Backspace")) return;
    event.preventDefault();
    radio.checked = false;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  });
  shown();
})();
