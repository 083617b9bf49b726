"use strict";
// The viewer: five modes over the same two photographs, one view (centre and zoom) shared by all of them.
// A view is {x, y, z}: the picture's pixel in the middle of a pane, and screen pixels per picture pixel.
(() => {
  const viewer = document.getElementById("viewer");
  if (!viewer) return;
  const one = (query, within = viewer) => within.querySelector(query);
  const all = (query, within = viewer) => [...within.querySelectorAll(query)];
  const width = Number(viewer.dataset.width), height = Number(viewer.dataset.height), mm = Number(viewer.dataset.mm);
  const stage = one(".stage"), panes = [one(".pane-a"), one(".pane-b")], strip = document.querySelector(".strip");
  const divider = one("#divider"), opacity = one("#opacity"), handle = one(".divider"), status = one(".status");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  // inside a clinic's record the page brings the words of its language
  const said = (text) => window.words?.[text] ?? text;
  const NAMES = {
    side: "Side by side", slider: "Slider", overlay: "Overlay", flicker: "Flicker", difference: "Difference",
    original: "original", aligned: "aligned", matched: "colour-matched",
  };
  const ZOOM_STEP = 1.25, MOVE_STEP = 60, MOST = 12, RULERS = [0.5, 1, 2, 5, 10, 20, 50, 100];

  // the first pane can show both photographs, the second shows the after photograph or the zone lines beside it
  one(".stack", panes[0]).append(one(".slot-after", panes[1]).cloneNode(true));
  panes[0].append(one(".tag-after", panes[1]).cloneNode(true));
  panes[1].append(one(".slot-marks", panes[0]).cloneNode(true));
  panes[1].append(one(".ruler", panes[1])); // above the lines
  panes[0].append(one(".ruler", panes[0]));
  const worlds = panes.map((pane) => all(".world", pane));
  for (const world of worlds.flat()) {
    world.style.width = `${width}px`;
    world.style.height = `${height}px`;
  }

  const state = {
    mode: "side", layer: "aligned", views: [{ x: 0, y: 0, z: 1 }, { x: 0, y: 0, z: 1 }], active: 0,
    fitted: true, linked: true, swapped: false, locked: false, zones: false, scars: false, other: false,
    playing: false, kind: "pixels",
  };
  let timer = 0;

  const ratio = () => window.devicePixelRatio || 1;
  const size = (pane) => ({ w: pane.clientWidth || 1, h: pane.clientHeight || 1 });
  const fitZoom = () => { const { w, h } = size(panes[0]); return Math.min(w / width, h / height); };
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  function change(edit, pane = state.active) {
    const view = state.views[pane];
    edit(view);
    const least = Math.min(fitZoom(), 1 / ratio());
    view.z = clamp(view.z, least, MOST / ratio());
    view.x = clamp(view.x, 0, width);
    view.y = clamp(view.y, 0, height);
    if (state.linked || state.mode !== "side") state.views[1 - pane] = { ...view };
    draw();
  }
  function fit() {
    state.fitted = true;
    state.locked = false;
    const view = { x: width / 2, y: height / 2, z: fitZoom() };
    state.views = [{ ...view }, { ...view }];
    draw();
  }
  // zoom about a point of a pane (its middle when none is given), so that what is under the finger stays there
  function zoom(factor, at, pane = state.active) {
    const { w, h } = size(panes[pane]);
    const [px, py] = at || [w / 2, h / 2];
    state.fitted = false;
    change((view) => {
      const x = view.x + (px - w / 2) / view.z, y = view.y + (py - h / 2) / view.z;
      let z = view.z * factor;
      if (state.locked) {
        const now = Math.max(1, Math.round(view.z * ratio()));
        z = clamp(factor > 1 ? now + 1 : now - 1, 1, MOST) / ratio();
      }
      z = clamp(z, Math.min(fitZoom(), 1 / ratio()), MOST / ratio());
      view.z = z;
      view.x = x - (px - w / 2) / z;
      view.y = y - (py - h / 2) / z;
    }, pane);
  }
  function move(dx, dy, pane = state.active) {
    state.fitted = false;
    change((view) => { view.x += dx / view.z; view.y += dy / view.z; }, pane);
  }
  function lock() {
    state.locked = !state.locked;
    state.fitted = false;
    if (state.locked) change((view) => { view.z = Math.max(1, Math.round(view.z * ratio())) / ratio(); });
    else draw();
  }

  function draw() {
    const side = state.mode === "side", sharp = state.locked || state.views[0].z * ratio() >= 3;
    stage.classList.toggle("sharp", sharp);
    stage.classList.toggle("zoomed", state.views[0].z > fitZoom() * 1.001 || state.views[1].z > fitZoom() * 1.001);
    panes.forEach((pane, n) => {
      if (n === 1 && !side) return;
      const { w, h } = size(pane), view = state.views[n];
      const snap = (value) => Math.round(value * ratio()) / ratio(); // whole screen pixels: nothing is blurred by half of one
      const move = `translate(${snap(w / 2 - view.x * view.z)}px, ${snap(h / 2 - view.y * view.z)}px) scale(${view.z})`;
      for (const world of worlds[n]) world.style.transform = move;
      const perScreen = mm / view.z;
      const length = RULERS.filter((value) => value / perScreen <= Math.min(150, w * 0.4)).pop() || RULERS[0];
      one(".ruler-bar", pane).style.width = `${length / perScreen}px`;
      one(".ruler-text", pane).textContent = `${length} mm`;
    });
    viewer.dataset.x = state.views[0].x.toFixed(2);
    viewer.dataset.y = state.views[0].y.toFixed(2);
    viewer.dataset.zoom = state.views[0].z.toFixed(4);
    viewer.dataset.otherZoom = state.views[1].z.toFixed(4);
    pressed("lock", state.locked);
    const percent = Math.round(state.views[state.active].z * ratio() * 100);
    say(`${said(NAMES[state.mode])}, ${said(NAMES[state.layer])}, ${percent}\u202f%`);
  }
  let saying = 0;
  function say(text) { // only the last of many quick changes is worth hearing
    clearTimeout(saying);
    saying = setTimeout(() => { if (status.textContent !== text) status.textContent = text; }, 150);
  }
  function pressed(name, on) {
    const button = one(`[data-do="${name}"]`);
    if (button) button.setAttribute("aria-pressed", String(on));
  }

  function show() {
    const { mode, layer } = state, side = mode === "side";
    viewer.dataset.mode = mode;
    viewer.dataset.layer = layer;
    for (const button of all("button[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    for (const button of all("button[data-layer]")) button.setAttribute("aria-pressed", String(button.dataset.layer === layer));
    for (const name of ["side", "slider", "overlay", "flicker", "difference"]) one(`.for-${name}`).classList.toggle("off", name !== mode);
    const layerOf = (slot) => (layer === "matched" && slot.classList.contains("slot-before") ? "aligned" : layer);
    for (const slot of all(".slot-before, .slot-after")) {
      for (const image of all("img", slot)) image.classList.toggle("off", image.dataset.layer !== layerOf(slot));
    }
    const map = mode === "difference" && state.kind !== "pixels";
    for (const image of all("[data-map]")) image.classList.toggle("off", !(map && image.dataset.map === state.kind));
    for (const legend of all("[data-legend]")) legend.classList.toggle("off", legend.dataset.legend !== state.kind);
    stage.classList.toggle("subtract", mode === "difference" && !map);
    stage.classList.toggle("mapped", map);
    stage.classList.toggle("swapped", side && state.swapped);
    panes[1].classList.toggle("off", !side);
    handle.classList.toggle("off", mode !== "slider");
    // lines and maps belong to the common grid; on the photographs as taken they would lie beside their places
    const grid = layer !== "original";
    for (const group of all(".zone-lines")) group.classList.toggle("off", !(state.zones && grid));
    for (const group of all(".scar-lines")) group.classList.toggle("off", !(state.scars && grid));
    one(".stack", panes[0]).classList.toggle("both", !side);

    const after = one(".slot-after", panes[0]), before = one(".slot-before", panes[0]);
    const position = Number(divider.value), through = Number(opacity.value);
    after.classList.toggle("off", side || map);
    before.classList.remove("off");
    after.style.clipPath = "";
    after.style.opacity = "";
    const tagBefore = one(".tag-before", panes[0]), tagAfter = one(".tag-after", panes[0]);
    tagBefore.classList.remove("off");
    tagAfter.classList.toggle("off", side || map);
    tagBefore.classList.toggle("tag-right", false);
    if (mode === "slider") {
      after.style.clipPath = state.swapped ? `inset(0 ${100 - position}% 0 0)` : `inset(0 0 0 ${position}%)`;
      handle.style.left = `${position}%`;
      const shown = state.swapped ? position : 100 - position;
      told(divider, `${100 - shown}\u202f% before, ${shown}\u202f% after`);
    }
    if (mode === "overlay") {
      after.style.opacity = String(through / 100);
      told(opacity, `${through}\u202f% after`);
    }
    if (mode === "flicker") {
      const showAfter = state.other !== state.swapped;
      after.style.opacity = showAfter ? "1" : "0";
      tagBefore.classList.toggle("off", showAfter);
      tagAfter.classList.toggle("off", !showAfter);
      viewer.dataset.shown = showAfter ? "after" : "before";
    }
    const turned = mode === "slider" && state.swapped;
    tagBefore.style.left = turned ? "auto" : "";
    tagBefore.style.right = turned ? ".6rem" : "";
    tagAfter.style.right = turned ? "auto" : "";
    tagAfter.style.left = turned ? ".6rem" : "";
    pressed("swap", state.swapped);
    pressed("link", state.linked);
    pressed("zones", state.zones);
    pressed("scars", state.scars);
    const link = one('[data-do="link"]');
    link.textContent = said(state.linked ? "Linked" : "Unlinked");
    link.disabled = !side;
    for (const name of ["zones", "scars"]) { const button = one(`[data-do="${name}"]`); if (button) button.disabled = !grid; }
    one("#flicker-play").setAttribute("aria-pressed", String(state.playing));
    one("#flicker-play").textContent = said(state.playing ? "Pause" : "Play");
    one("#flicker-play").disabled = calm.matches;
    one(".calm").classList.toggle("off", !calm.matches);
  }
  function told(range, text) {
    range.setAttribute("aria-valuetext", text);
    one(`output[for="${range.id}"]`).textContent = text;
  }

  function layout() {
    const room = stage.clientWidth, shape = height / width;
    const paneWidth = state.mode === "side" ? (room - 2) / 2 : room;
    const covered = strip.offsetHeight, help = one(".help").offsetHeight;
    const bars = viewer.offsetHeight - stage.offsetHeight - help; // pictures and controls fit below the strip together
    const most = Math.max(300, window.innerHeight * 0.5, window.innerHeight - covered - bars - 24);
    stage.style.height = `${Math.round(clamp(paneWidth * shape, 180, most))}px`;
    document.documentElement.style.setProperty("--strip", `${covered}px`);
    if (state.fitted) fit(); else draw();
  }
  function setMode(mode) {
    if (state.mode === "side" && mode !== "side") state.views = [{ ...state.views[state.active] }, { ...state.views[state.active] }];
    if (mode !== "side") state.active = 0;
    state.mode = mode;
    state.other = false;
    play(mode === "flicker" && !calm.matches);
    show();
    layout();
  }
  function setLayer(layer) {
    state.layer = layer;
    if (layer === "original" && state.kind !== "pixels") { state.kind = "pixels"; one("#difference-kind").value = "pixels"; }
    show();
    draw();
  }
  function play(on) {
    clearInterval(timer);
    state.playing = on && state.mode === "flicker" && !calm.matches;
    // half a second at the quickest: one flash a second, a third of what WCAG 2.3.1 allows
    if (state.playing) timer = setInterval(() => { state.other = !state.other; show(); }, Math.max(500, Number(one("#flicker-every").value)));
  }

  const deeds = {
    in: () => zoom(ZOOM_STEP), out: () => zoom(1 / ZOOM_STEP), fit, lock,
    left: () => move(-MOVE_STEP, 0), right: () => move(MOVE_STEP, 0), up: () => move(0, -MOVE_STEP), down: () => move(0, MOVE_STEP),
    swap: () => { state.swapped = !state.swapped; if (state.mode === "overlay") opacity.value = String(100 - Number(opacity.value)); show(); draw(); },
    link: () => {
      if (state.mode !== "side") return;
      state.linked = !state.linked;
      if (state.linked) change(() => {});
      show();
    },
    zones: () => { if (one('[data-do="zones"]')) { state.zones = !state.zones; show(); } },
    scars: () => { if (one('[data-do="scars"]')) { state.scars = !state.scars; show(); } },
    help: () => {
      const closed = one(".help").classList.toggle("off");
      one('[data-do="help"]').setAttribute("aria-expanded", String(!closed));
    },
  };
  const keys = {
    s: () => setMode("side"), d: () => setMode("slider"), o: () => setMode("overlay"), f: () => setMode("flicker"), x: () => setMode("difference"),
    1: () => setLayer("original"), 2: () => setLayer("aligned"), 3: () => setLayer("matched"),
    "+": deeds.in, "=": deeds.in, "-": deeds.out, 0: deeds.fit, p: deeds.lock,
    w: deeds.swap, l: deeds.link, z: deeds.zones, c: deeds.scars, h: deeds.help, "?": deeds.help,
    "[": () => nudge(-5), "]": () => nudge(5),
  };
  const arrows = { ArrowLeft: deeds.left, ArrowRight: deeds.right, ArrowUp: deeds.up, ArrowDown: deeds.down };
  function nudge(by) {
    const range = { slider: divider, overlay: opacity }[state.mode];
    if (range) { range.value = String(Number(range.value) + by); show(); }
  }

  for (const button of all("button[data-mode]")) button.addEventListener("click", () => setMode(button.dataset.mode));
  for (const button of all("button[data-layer]")) button.addEventListener("click", () => setLayer(button.dataset.layer));
  for (const button of all("[data-do]")) button.addEventListener("click", () => deeds[button.dataset.do]());
  divider.addEventListener("input", show);
  opacity.addEventListener("input", show);
  one("#difference-kind").addEventListener("change", (event) => {
    state.kind = event.target.value;
    if (state.kind !== "pixels" && state.layer === "original") state.layer = "aligned";
    show();
    draw();
  });
  one("#flicker-play").addEventListener("click", () => { play(!state.playing); show(); });
  one("#flicker-swap").addEventListener("click", () => { play(false); state.other = !state.other; show(); });
  one("#flicker-every").addEventListener("change", () => { play(state.playing); show(); });
  calm.addEventListener("change", () => { play(false); show(); });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target, inStage = target === stage;
    if (inStage && arrows[event.key]) { event.preventDefault(); arrows[event.key](); return; }
    if (inStage && event.key === " ") {
      event.preventDefault();
      if (state.mode === "flicker" && !event.repeat) { play(false); state.other = true; show(); }
      return;
    }
    if (target.matches("select, input[type=text], textarea") || !one("#keys-on").checked) return;
    const deed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (deed) { event.preventDefault(); deed(); }
  });
  stage.addEventListener("keyup", (event) => {
    if (event.key === " " && state.mode === "flicker") { state.other = false; show(); }
  });

  // one pointer moves, two pinch, the wheel zooms; at fit the wheel and the finger go on scrolling the page
  const pointers = new Map();
  let grabbed = false;
  const paneAt = (x) => {
    if (state.mode !== "side") return 0;
    const box = panes[1].getBoundingClientRect();
    return x >= box.left && x < box.right ? 1 : 0;
  };
  const within = (pane, x, y) => { const box = panes[pane].getBoundingClientRect(); return [x - box.left, y - box.top]; };
  stage.addEventListener("wheel", (event) => {
    if (event.deltaY > 0 && !event.ctrlKey && state.views[0].z <= fitZoom() * 1.001) return;
    event.preventDefault();
    state.active = paneAt(event.clientX);
    const notches = clamp(event.deltaMode === 1 ? event.deltaY / 3 : event.deltaY / 100, -3, 3);
    zoom(Math.pow(ZOOM_STEP, -notches), within(state.active, event.clientX, event.clientY));
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    grabbed = event.target.closest(".divider") !== null;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    if (pointers.size === 1) state.active = paneAt(event.clientX);
    stage.classList.add("moving");
  });
  stage.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const now = [event.clientX, event.clientY];
    if (grabbed) {
      const box = stage.getBoundingClientRect();
      divider.value = String(Math.round(((now[0] - box.left) / box.width) * 100));
      show();
    } else if (pointers.size === 1) {
      move(last[0] - now[0], last[1] - now[1]);
    } else if (pointers.size === 2) {
      const [, still] = [...pointers].find(([id]) => id !== event.pointerId);
      const far = (point) => Math.hypot(point[0] - still[0], point[1] - still[1]);
      const middle = [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2];
      move((last[0] - now[0]) / 2, (last[1] - now[1]) / 2);
      if (far(last) > 0 && !state.locked) zoom(far(now) / far(last), within(state.active, ...middle));
    }
    pointers.set(event.pointerId, now);
  });
  const letGo = (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) { grabbed = false; stage.classList.remove("moving"); }
  };
  stage.addEventListener("pointerup", letGo);
  stage.addEventListener("pointercancel", letGo);
  stage.addEventListener("dragstart", (event) => event.preventDefault());

  viewer.classList.add("on");
  new ResizeObserver(layout).observe(viewer);
  window.addEventListener("resize", layout);
  let printed = null; // paper shows the aligned pair beside each other, whatever is on the screen
  window.addEventListener("beforeprint", () => { printed = { mode: state.mode, layer: state.layer }; setLayer("aligned"); setMode("side"); });
  window.addEventListener("afterprint", () => { if (printed) { setLayer(printed.layer); setMode(printed.mode); } printed = null; });
  show();
  layout();
})();
