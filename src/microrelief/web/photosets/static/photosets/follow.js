"use strict";
// On the page of a set: what the comparison with the baseline says of each view, as it becomes known.
(() => {
  const list = document.querySelector("[data-follow]");
  if (!list) return;
  async function look() {
    let found;
    try {
      const answer = await fetch(list.dataset.follow, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) return;
      found = await answer.json();
    } catch { setTimeout(look, 5000); return; }
    for (const one of found.views) {
      const place = list.querySelector(`[data-set-view="${one.set_view}"] [data-says]`);
      if (!place || !one.says) continue;
      const link = one.url ? Object.assign(document.createElement("a"), { href: one.url, textContent: one.says }) : document.createTextNode(one.says);
      const grade = document.createElement("span");
      if (one.grade) { grade.className = `grade-letter grade-${one.grade}`; grade.textContent = one.grade; grade.title = phrase("Comparability"); }
      place.replaceChildren(...(one.grade ? [grade, " "] : []), link);
    }
    if (found.working) setTimeout(look, 2500);
  }
  look();
})();
