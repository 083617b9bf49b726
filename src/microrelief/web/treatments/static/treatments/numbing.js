// The numbing timer, and "now" for the times of day: the clinic's own clock is the one on the tablet.
"use strict";
(() => {
  const clock = () => new Date().toTimeString().slice(0, 5);
  const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

  for (const name of ["applied_at", "removed_at", "needling_at"]) {
    const field = document.querySelector(`[name=${name}]`);
    if (!field) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = phrase("Now");
    button.setAttribute("aria-label", `${field.labels[0]?.textContent ?? name} ${phrase("Now")}`);
    button.addEventListener("click", () => {
      field.value = clock();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const pair = document.createElement("span");
    pair.className = "seg-in";
    field.replaceWith(pair);
    pair.append(field, button);
  }
  document.querySelector("[data-now-into]")?.addEventListener("click", (event) => {
    const field = document.querySelector(`[name=${event.currentTarget.dataset.nowInto}]`);
    if (field && !field.value) field.value = clock();
  });

  function tick() {
    const note = document.querySelector("[data-timer]");
    if (!note) return;
    const { timer, until, least, most } = note.dataset;
    const now = until ? minutes(until) : new Date().getHours() * 60 + new Date().getMinutes();
    const on = now - minutes(timer);
    if (on < 0) return;
    const show = note.querySelector(".timer");
    const words = `${on} min`;
    if (show.textContent !== words) show.textContent = words;
    const over = most && on > Number(most);
    note.classList.toggle("bad", Boolean(over));
    note.classList.toggle("warn", !over && Boolean(least) && on < Number(least));
    note.classList.toggle("good", !over && Boolean(least) && on >= Number(least));
  }
  tick();
  setInterval(tick, 5000);
})();
