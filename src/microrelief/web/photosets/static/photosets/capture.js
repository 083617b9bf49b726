"use strict";
// The guided set: live picture, ghost of the baseline, ticks from the clinic's computer, shutter, next view.
// Photographs wait in this browser's own store until the clinic's computer has them, and are then removed from it.
(() => {
  const form = document.querySelector("#capture");
  if (!form) return;
  const $ = (id) => document.getElementById(id);
  const live = $("live"), video = $("video"), ghost = $("ghost"), shutter = $("shutter"), work = $("work");
  const steps = [...document.querySelectorAll("#steps [data-view]")];
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const CHECK_EVERY = 900, MOST_FAULTS = 8, FRAME_SIDE = 720, PAUSE_AFTER = 3 * 60 * 1000, NOBODY = "00000000-0000-0000-0000-000000000000";
  const state = { at: 0, set: "", stream: null, still: null, checking: false, paused: false, touched: Date.now(), taken: new Map(), waiting: 0, unstored: 0 };
  const key = () => [...crypto.getRandomValues(new Uint8Array(15))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const view = () => steps[state.at].dataset.view;

  async function post(address, fields) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token);
    for (const [name, value] of Object.entries(fields)) {
      if (value instanceof Blob) data.append(name, value, value.name || `${name}.jpg`);
      else data.append(name, value);
    }
    const answer = await fetch(address, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.redirected) { location.reload(); throw new Error("signed out"); }
    const says = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const words = says.says ?? phrase("The clinic's computer did not answer as it should. Try again.");
      throw Object.assign(new Error(words), { status: answer.status, ours: Boolean(says.says) });
    }
    return says;
  }

  // --- the camera
  const WORDS = {
    NotAllowedError: [phrase("The camera was not allowed"), phrase("Tap the camera sign beside the address and allow it, then reload this page.")],
    NotFoundError: [phrase("No camera was found"), phrase("Plug one in or switch it on, then reload this page.")],
    NotReadableError: [phrase("The camera is in use"), phrase("Another program holds it. Close that, then reload this page.")],
    OverconstrainedError: [phrase("This camera cannot do it"), phrase("Choose another camera, or reload this page.")],
    none: [phrase("This browser gives no camera here"), phrase("The address must begin with https, or be this computer's own; ask whoever runs the clinic's computer.")],
  };
  async function open(device) {
    stop();
    if (!navigator.mediaDevices?.getUserMedia) return refused("none");
    const wanted = { width: { ideal: 4096 }, height: { ideal: 3072 } };
    if (device) wanted.deviceId = { exact: device };
    else wanted.facingMode = { ideal: "environment" };
    try {
      state.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      return refused(error.name);
    }
    const [track] = state.stream.getVideoTracks();
    try { state.still = "ImageCapture" in window ? new ImageCapture(track) : null; } catch { state.still = null; }
    track.addEventListener("ended", () => refused("NotReadableError"));
    video.srcObject = state.stream;
    await video.play().catch(() => {});
    live.style.aspectRatio = `${video.videoWidth || 3} / ${video.videoHeight || 4}`;
    $("refused").hidden = true;
    shutter.disabled = false;
    live.classList.add("on");
    listCameras(track.getSettings().deviceId);
    state.paused = false;
    $("paused").hidden = true;
    check();
  }
  function stop() {
    state.stream?.getTracks().forEach((track) => track.stop());
    state.stream = state.still = null;
    live.classList.remove("on");
  }
  function refused(name) {
    stop();
    const [title, says] = WORDS[name] ?? [phrase("The camera does not answer"), phrase("Reload this page; if it stays so, restart the device.")];
    $("refused-title").textContent = title;
    $("refused-says").textContent = says;
    $("refused").hidden = false;
    shutter.disabled = true;
    $("ticks").classList.add("off");
  }
  async function listCameras(current) {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const list = $("camera");
    list.replaceChildren(...found.map((one, n) => Object.assign(document.createElement("option"), { value: one.deviceId, textContent: one.label || phrase("Camera {number1}", { number1: n + 1 }), selected: one.deviceId === current })));
    list.hidden = found.length < 2;
  }
  $("camera").addEventListener("change", (event) => open(event.target.value));

  // --- the view that is next
  function go(to) {
    state.at = to;
    steps.forEach((step, n) => step.toggleAttribute("aria-current", n === to));
    steps.forEach((step, n) => (n === to ? step.setAttribute("aria-current", "step") : step.removeAttribute("aria-current")));
    const { title, how, ghost: address } = steps[to].dataset;
    $("now").textContent = `${title[0].toUpperCase()}${title.slice(1)}. ${how}`;
    ghost.hidden = !address;
    if (address) ghost.src = address;
    document.querySelector(".ghost-row").classList.toggle("unused", !address);
    $("guide").hidden = Boolean(address) || view().endsWith("90") || view() === "close_up";
    $("reasons").hidden = true;
    tell([]);
  }
  function next() {
    const open = steps.findIndex((step, n) => n > state.at && !state.taken.has(step.dataset.view) && step.dataset.view !== "close_up");
    const any = steps.findIndex((step) => !state.taken.has(step.dataset.view) && step.dataset.view !== "close_up");
    go(open >= 0 ? open : any >= 0 ? any : steps.length - 1);
  }
  steps.forEach((step, n) => step.addEventListener("click", () => { touch(); go(n); }));
  $("opacity").addEventListener("input", (event) => {
    ghost.style.opacity = String(event.target.value / 100);
    event.target.setAttribute("aria-valuetext", `${event.target.value} %`);
  });
  ghost.style.opacity = ".35";

  // --- ticks
  function tell(ticks) {
    let worst = "";
    for (const row of document.querySelectorAll("#ticks [data-tick]")) {
      const tick = ticks.find((one) => one.name === row.dataset.tick);
      row.dataset.ok = tick ? (tick.ok === null ? "unknown" : tick.ok ? "yes" : "no") : "none";
      row.querySelector(".says").textContent = tick ? tick.says : "";
      if (tick?.ok === false && !worst) worst = tick.says;
    }
    const ready = ticks.length > 1 && ticks.every((one) => one.ok !== false);
    shutter.classList.toggle("ready", ready);
    const spoken = ready ? phrase("Ready.") : worst;
    if (ticks.length && $("spoken").textContent !== spoken) $("spoken").textContent = spoken;
  }
  async function frame() {
    const share = Math.min(1, FRAME_SIDE / Math.max(video.videoWidth, video.videoHeight));
    work.width = Math.round(video.videoWidth * share);
    work.height = Math.round(video.videoHeight * share);
    work.getContext("2d").drawImage(video, 0, 0, work.width, work.height);
    return new Promise((done) => work.toBlob(done, "image/jpeg", 0.85));
  }
  async function check() {
    if (state.checking) return;
    state.checking = true;
    while (state.stream && !state.paused) {
      if (Date.now() - state.touched > PAUSE_AFTER) { pause(); break; }
      const asked = view();
      if (!document.hidden && !state.waiting && video.videoWidth && !asked.endsWith("90") && asked !== "close_up") {
        try {
          const answer = await post(form.dataset.check, { frame: await frame(), view: asked, against: form.dataset.against });
          if (answer.ticks && asked === view()) tell(answer.ticks);
        } catch { /* the next frame asks again */ }
      }
      await new Promise((done) => setTimeout(done, CHECK_EVERY));
    }
    state.checking = false;
  }
  function pause() { state.paused = true; $("paused").hidden = false; video.pause(); tell([]); }
  $("resume").addEventListener("click", () => { touch(); state.paused = false; $("paused").hidden = true; video.play(); check(); });
  function touch() { state.touched = Date.now(); }

  // --- the shutter
  async function picture() {
    if (state.still?.takePhoto) {
      try { return await Promise.race([state.still.takePhoto(), new Promise((_, no) => setTimeout(no, 4000))]); } catch { state.still = null; }
    }
    work.width = video.videoWidth;
    work.height = video.videoHeight;
    work.getContext("2d").drawImage(video, 0, 0);
    return new Promise((done) => work.toBlob(done, "image/jpeg", 0.95));
  }
  shutter.addEventListener("click", async () => {
    touch();
    shutter.disabled = true;
    live.classList.add("flash");
    const place = state.at;
    try {
      const taken = await picture();
      keep(place, taken, "camera");
      next();
    } finally {
      setTimeout(() => live.classList.remove("flash"), 120);
      shutter.disabled = !state.stream;
    }
  });
  $("file").addEventListener("change", (event) => {
    touch();
    const [file] = event.target.files;
    if (!file) return;
    keep(state.at, file, "upload");
    event.target.value = "";
    next();
  });

  // --- sending, one after the other, so that the first photograph makes the set
  let queue = Promise.resolve();
  function keep(place, blob, source) {
    const step = steps[place], id = key();
    const one = { id: `photo ${id}`, kind: "photo", who: document.body.dataset.person ?? "", at: Date.now(), address: location.pathname,
      fields: { view: step.dataset.view, source, set_key: form.dataset.setKey, key: id }, photo: blob };
    const stored = outbox.keep(one).catch(() => { state.unstored += 1; });
    state.taken.set(step.dataset.view, true);
    const thumb = step.querySelector(".thumb");
    const address = URL.createObjectURL(blob);
    const image = Object.assign(new Image(), { alt: "", src: address });
    image.addEventListener("load", () => URL.revokeObjectURL(address));
    thumb.replaceChildren(image);
    step.querySelector(".grade").hidden = true;
    say(step, phrase("sending…"));
    queue = queue.then(() => stored).then(() => send(step, one));
  }
  // what an earlier page could not send: closed, reloaded, or signed out in between
  async function bringBack() {
    const who = document.body.dataset.person ?? "";
    const found = (await outbox.all("photo")).filter((one) => one.who === who && one.address === location.pathname);
    for (const one of found) {
      const step = steps.find((other) => other.dataset.view === one.fields.view) ?? steps[0];
      say(step, phrase("waits for the connection…"), true);
      queue = queue.then(() => send(step, one));
    }
  }
  async function send(step, one) {
    state.waiting += 1;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await post(form.dataset.take, { photo: one.photo, ...one.fields });
        await outbox.remove(one.id).catch(() => {});
        state.set = answer.set;
        say(step, phrase("kept"));
        $("done").disabled = false;
        follow();
        break;
      } catch (error) {
        const { status, ours } = error;
        const refused = status === 413 || (ours && status < 500 && status !== 429);
        // signed out, or a fault that does not pass: it stays in this browser, and the others go on
        const passes = !status || [429, 502, 503, 504, 507].includes(status);
        if (status === 403 || (!refused && !passes && attempt >= MOST_FAULTS)) {
          say(step, phrase("Not sent; it waits here. Reload this page, or sign in again."), true);
          break;
        }
        // busy, full, too many or a proxy's own trouble is not the photograph's fault: only a refusal of the
        // photograph itself lets it go
        if (refused) {
          await outbox.remove(one.id).catch(() => {});
          state.taken.delete(step.dataset.view);
          say(step, error.message, true);
          break;
        }
        const why = status === 429 || status === 507 ? error.message : status ? phrase("The clinic's computer is busy; it is sent again…") : phrase("waits for the connection…");
        say(step, why, true); // the same key: sent again, it is kept once
        await new Promise((done) => setTimeout(done, Math.min(15000, 1500 * (attempt + 1))));
      }
    }
    state.waiting -= 1;
  }
  function say(step, words, bad) {
    const place = step.querySelector(".step-state");
    place.textContent = words;
    step.classList.toggle("bad", Boolean(bad));
  }

  // --- what the comparison with the baseline says, while the patient still sits there
  let following = 0;
  function follow() { if (!following) following = setTimeout(progress, 1200); }
  async function progress() {
    following = 0;
    if (!state.set || document.hidden) return follow();
    let found;
    try {
      const answer = await fetch(form.dataset.progress.replace(NOBODY, state.set), { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) return;
      found = await answer.json();
    } catch { return follow(); }
    const asks = [];
    for (const one of found.views) {
      const step = steps.find((s) => s.dataset.view === one.view);
      if (!step || one.number > 1) continue;
      const grade = step.querySelector(".grade");
      if (one.grade) {
        grade.hidden = false;
        grade.textContent = one.grade;
        grade.dataset.grade = one.grade;
        say(step, one.says, one.grade === "F" || one.grade === "E");
      } else if (one.says) say(step, one.says);
      for (const question of one.questions) asks.push([one, question]);
    }
    ask(asks);
    if (found.working) follow();
  }
  function ask(asks) {
    const asked = JSON.stringify(asks.map(([one, question]) => [one.set_view, question.kind]));
    if ($("asks").dataset.asked === asked) return;
    $("asks").dataset.asked = asked;
    $("asks").replaceChildren(...asks.map(([one, question]) => {
      const box = document.createElement("div");
      box.className = "note warn";
      const says = Object.assign(document.createElement("p"), { textContent: `${one.title}: ${question.says}` });
      const right = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: phrase("It is right") });
      const out = Object.assign(document.createElement("button"), { type: "button", className: "plain danger", textContent: phrase("Take it out") });
      right.addEventListener("click", () => settle(form.dataset.answer, one, { kind: question.kind }));
      out.addEventListener("click", () => settle(form.dataset.takeOut, one, {}));
      const row = document.createElement("div");
      row.className = "actions";
      row.append(right, out);
      box.append(says, row);
      return box;
    }));
  }
  async function settle(address, one, fields) {
    touch();
    await post(address.replace(NOBODY, one.set_view), fields).catch(() => {});
    if (!fields.kind) {
      const step = steps.find((s) => s.dataset.view === one.view);
      state.taken.delete(one.view);
      step.querySelector(".thumb").replaceChildren();
      step.querySelector(".grade").hidden = true;
      say(step, phrase("to take"));
    }
    progress();
  }

  // --- leaving out, and the end
  let leaving = [];
  function askWhy(views) { leaving = views; $("reasons").hidden = false; $("reasons").querySelector("button").focus(); }
  $("leave").addEventListener("click", () => { touch(); askWhy([view()]); });
  async function leave(reason) {
    if (!reason.trim()) { $("reason").focus(); return; }
    $("reasons").hidden = true;
    const all = leaving;
    for (const one of all) {
      const step = steps.find((s) => s.dataset.view === one);
      if (one !== "close_up") {
        try {
          const answer = await post(form.dataset.skip, { view: one, reason, set_key: form.dataset.setKey });
          state.set = answer.set;
          $("done").disabled = false;
        } catch (error) { say(step, error.message, true); continue; }
      }
      state.taken.set(one, false);
      const chosen = document.querySelector(`[data-reason="${CSS.escape(reason)}"]`);
      say(step, phrase("left out: {reason}", { reason: chosen?.textContent.trim() ?? reason }));
    }
    if (all.length > 1 || finishing) end(); else next();
  }
  for (const button of document.querySelectorAll("[data-reason]")) button.addEventListener("click", () => leave(button.dataset.reason));
  $("reason-send").addEventListener("click", () => leave($("reason").value));
  let finishing = false;
  $("done").addEventListener("click", () => {
    touch();
    finishing = true;
    const missing = steps.map((s) => s.dataset.view).filter((one) => one !== "close_up" && !state.taken.has(one));
    if (missing.length) askWhy(missing); else end();
  });
  async function end() {
    $("done").disabled = true;
    await queue;
    stop();
    form.action = form.dataset.finish.replace(NOBODY, state.set);
    form.method = "post";
    form.submit();
  }
  $("against")?.addEventListener("change", (event) => {
    if (state.taken.size) return; // a set is matched with one other
    location.search = new URLSearchParams({ against: event.target.value }).toString();
  });
  window.addEventListener("beforeunload", (event) => { if (state.waiting && state.unstored) event.preventDefault(); });
  window.addEventListener("pagehide", stop);
  document.addEventListener("pointerdown", touch);
  document.addEventListener("keydown", touch);
  form.addEventListener("submit", (event) => event.preventDefault());
  go(0);
  open();
  bringBack().catch(() => {});
})();
