"use strict";
// A folder comes in one file at a time, with progress; a file that fails is named, the others go on.
(() => {
  const form = document.querySelector("#import");
  if (!form) return;
  const TYPES = /\.(jpe?g|png|tiff?|webp|hei[cf])$/i;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const says = document.querySelector("#import-says"), bar = document.querySelector("#bar");
  document.querySelectorAll(".js-only").forEach((one) => (one.hidden = false));
  document.querySelectorAll(".no-js").forEach((one) => (one.hidden = true));
  let busy = false;

  async function bring(files) {
    const wanted = files.filter((file) => TYPES.test(file.name));
    if (!wanted.length) { says.textContent = phrase("No photograph among these files."); document.querySelector("#import-progress").hidden = false; return; }
    busy = true;
    document.querySelector("#import-progress").hidden = false;
    bar.max = wanted.length;
    let done = 0, wrong = 0;
    for (const file of wanted) {
      says.textContent = phrase("{number1} of {number2}", { number1: done + 1, number2: wanted.length });
      const problem = await one(file);
      done += 1;
      bar.value = done;
      if (problem) {
        wrong += 1;
        document.querySelector("#import-wrong").append(Object.assign(document.createElement("li"), { textContent: problem }));
      }
    }
    busy = false;
    says.textContent = wrong ? phrase("{number1} taken in, {number2} not.", { number1: done - wrong, number2: wrong }) : phrase("{number1} taken in.", { number1: done });
    if (!wrong) location.reload();
    else says.append(" ", Object.assign(document.createElement("a"), { href: "", textContent: phrase("Go on to the review") }));
  }
  async function one(file) {
    const path = file.webkitRelativePath || "";
    // the same file of the same size and time is the same photograph, however often the folder is chosen
    const name = new TextEncoder().encode(`${form.action} ${path || file.name} ${file.size} ${file.lastModified}`);
    const digest = crypto.subtle ? [...new Uint8Array(await crypto.subtle.digest("SHA-256", name))].map((n) => n.toString(16).padStart(2, "0")).join("").slice(0, 40) : `${Date.now()}${Math.random()}`;
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const data = new FormData();
      data.append("csrfmiddlewaretoken", token);
      data.append("photo", file);
      data.append("folder", path.split("/").slice(0, -1).join("/"));
      data.append("key", `import.${digest}`);
      try {
        const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" } });
        if (answer.redirected) { location.reload(); return ""; }
        const told = await answer.json().catch(() => ({ says: phrase("{file}: the clinic's computer did not take it.", { file: file.name }) }));
        if (answer.status === 503) throw new Error("busy");
        return answer.ok ? "" : told.says;
      } catch { await new Promise((done) => setTimeout(done, 1500 * (attempt + 1))); }
    }
    return phrase("{file}: no connection; choose it again later.", { file: file.name });
  }
  form.addEventListener("change", (event) => { if (event.target.files?.length && !busy) bring([...event.target.files]); });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
