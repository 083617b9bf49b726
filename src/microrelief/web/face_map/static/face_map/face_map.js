// Taps on the drawn face become lines of the list beside it, and the list moves the drawing.
//   [data-face=scars]    a tap, or Enter on a zone, adds a scar; arrows move a point, Delete takes it away
//   [data-face=needles]  a tap, or Enter on a zone, gives it the depth and passes of the tools; again takes them away
"use strict";
(() => {
  const WIDTH = 400;
  const HEIGHT = 500;
  const SVG = "http://www.w3.org/2000/svg";
  const changed = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));

  const scars = document.querySelector("[data-face=scars]");
  if (scars && document.querySelector("#scar-row")) {
    const body = document.querySelector("#scar-rows");
    const blank = document.querySelector("#scar-row");
    const points = scars.querySelector("[data-points]");
    const kind = () => document.querySelector("[name=scar_tool]:checked")?.value ?? "rolling";
    const field = (row, name) => row.querySelector(`[name=scar_${name}]`);

    function rows() {
      return [...body.querySelectorAll("tr")].filter((row) => field(row, "kind").value);
    }

    function draw() {
      const focused = document.activeElement?.dataset?.number;
      points.replaceChildren();
      rows().forEach((row, at) => {
        const x = Number(field(row, "x").value);
        const y = Number(field(row, "y").value);
        row.querySelector(".number").textContent = at + 1;
        if (!field(row, "x").value) return;
        const group = document.createElementNS(SVG, "g");
        group.setAttribute("class", "point");
        group.setAttribute("tabindex", "0");
        group.setAttribute("role", "button");
        group.dataset.number = at + 1;
        const zone = field(row, "zone");
        group.setAttribute(
          "aria-label",
          phrase("Scar {number}: {kind}, {zone}. Arrows move it, Delete takes it away.", { number: at + 1, kind: field(row, "kind").selectedOptions?.[0]?.textContent ?? field(row, "kind").value, zone: zone.selectedOptions[0]?.textContent ?? "" }),
        );
        const circle = document.createElementNS(SVG, "circle");
        const size = Number(field(row, "size").value) || 2;
        circle.setAttribute("cx", (x * WIDTH) / 1000);
        circle.setAttribute("cy", (y * HEIGHT) / 1000);
        circle.setAttribute("r", Math.min(14, 6 + size));
        const text = document.createElementNS(SVG, "text");
        text.setAttribute("x", (x * WIDTH) / 1000);
        text.setAttribute("y", (y * HEIGHT) / 1000);
        text.setAttribute("dy", "4");
        text.textContent = at + 1;
        group.append(circle, text);
        points.append(group);
      });
      if (focused) points.querySelector(`[data-number="${focused}"]`)?.focus();
    }

    function add(zone, x, y) {
      const empty = [...body.querySelectorAll("tr")].find((row) => !field(row, "kind").value);
      const row = empty ?? body.appendChild(blank.content.firstElementChild.cloneNode(true));
      field(row, "kind").value = kind();
      field(row, "zone").value = zone;
      field(row, "x").value = Math.round(x);
      field(row, "y").value = Math.round(y);
      if (!empty || !body.querySelector("tr:last-child [name=scar_kind][value='']")) {
        if (rows().length === body.children.length) body.append(blank.content.firstElementChild.cloneNode(true));
      }
      draw();
      changed(field(row, "kind"));
    }

    scars.addEventListener("click", (event) => {
      if (event.target.closest(".point")) {
        event.target.closest(".point").focus();
        return;
      }
      const zone = event.target.closest("[data-zone], .outline");
      if (!zone) return;
      const box = scars.getBoundingClientRect();
      add(zone.dataset.zone ?? "", ((event.clientX - box.left) / box.width) * 1000, ((event.clientY - box.top) / box.height) * 1000);
    });
    scars.addEventListener("keydown", (event) => {
      const zone = event.target.closest("[data-zone]");
      if (zone && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        add(zone.dataset.zone, Number(zone.dataset.x), Number(zone.dataset.y));
        return;
      }
      const point = event.target.closest(".point");
      if (!point) return;
      const row = rows()[Number(point.dataset.number) - 1];
      const step = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, -5], ArrowDown: [0, 5] }[event.key];
      if (step) {
        event.preventDefault();
        for (const [name, by] of [["x", step[0]], ["y", step[1]]]) {
          field(row, name).value = Math.max(0, Math.min(1000, Number(field(row, name).value) + by));
        }
        draw();
        changed(field(row, "x"));
      } else if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        const number = Number(point.dataset.number);
        row.remove();
        draw();
        // the point is gone: the one that took its number, the one before, or the drawing
        const near = points.querySelector(`[data-number="${number}"]`) ?? points.lastElementChild ?? scars.querySelector("[data-zone]");
        near?.focus();
        changed(body);
      }
    });
    body.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (!button) return;
      const gone = button.closest("tr");
      const near = gone.nextElementSibling ?? gone.previousElementSibling;
      gone.remove();
      if (!body.children.length) body.append(blank.content.firstElementChild.cloneNode(true));
      draw();
      (near ?? body.lastElementChild).querySelector("[name=scar_kind]").focus();
      changed(body);
    });
    body.addEventListener("change", draw);
    draw();
  }

  const needles = document.querySelector("[data-face=needles]");
  if (needles && document.querySelector("#zone-rows")) {
    const list = document.querySelector("#zone-rows");
    const depth = document.querySelector("#tool-depth");
    const passes = document.querySelector("#tool-passes");
    const inputs = (key) => ["depth", "passes"].map((name) => list.querySelector(`[name="${name}_${key}"]`));

    function draw() {
      needles.querySelectorAll("[data-zone]").forEach((zone) => {
        const [d, p] = inputs(zone.dataset.zone);
        const set = Boolean(d?.value && p?.value);
        zone.classList.toggle("set", set);
        const words = set ? `${d.value} × ${p.value}` : "";
        needles.querySelector(`[data-value="${zone.dataset.zone}"]`).textContent = words;
        if (zone.hasAttribute("aria-label")) zone.setAttribute("aria-label", zone.dataset.label + (set ? `: ${words}` : ""));
        d?.closest("tr").classList.toggle("on", set);
      });
    }
    function press(zone) {
      const [d, p] = inputs(zone.dataset.zone);
      if (!d) return;
      const same = d.value === depth.value && p.value === passes.value;
      d.value = same ? "" : depth.value;
      p.value = same ? "" : passes.value;
      draw();
      changed(d);
    }
    needles.addEventListener("click", (event) => {
      const zone = event.target.closest("[data-zone]");
      if (zone) press(zone);
    });
    needles.addEventListener("keydown", (event) => {
      const zone = event.target.closest("[data-zone]");
      if (zone && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        press(zone);
      }
    });
    list.addEventListener("input", draw);
    draw();
  }
})();
