"use strict";
(() => {
  const field = document.querySelector("#address"), copy = document.querySelector("#copy");
  field?.addEventListener("focus", () => field.select());
  copy?.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value).catch(() => document.execCommand("copy"));
    copy.textContent = copy.dataset.copied;
  });
  document.querySelector("#print")?.addEventListener("click", () => window.print());
})();
