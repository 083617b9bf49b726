// Questions that show themselves when they matter. Without this script all of them stand there.
"use strict";
(() => {
  const form = document.querySelector("#entry");
  if (!form) return;
  const others = form.querySelector("#others"), boxes = [...form.querySelectorAll("#others input[type=checkbox]")];
  const value = (name) => form.querySelector(`[name="${name}"]:checked`)?.value;
  const there = (sign) => Number(value(`how_${sign}`) ?? 0) > 0;
  const signs = [...form.querySelectorAll("[data-sign]")].map((one) => one.dataset.sign);

  // what is shown is answered; what is hidden cannot be
  function must(part, inputs) {
    for (const one of part.querySelectorAll(inputs)) one.required = "must" in part.dataset && !part.hidden;
  }

  function shown() {
    for (const one of form.querySelectorAll("[data-trend]")) {
      one.hidden = !there(one.dataset.trend);
      must(one, ":scope input");
    }
    for (const one of form.querySelectorAll("[data-with-others]")) {
      one.hidden = !there(one.dataset.sign) && !signs.some((sign) => sign !== one.dataset.sign && there(sign));
      must(one, ":scope > .big input");
    }
    if (others.dataset.must) boxes[0].setCustomValidity(boxes.some((box) => box.checked) ? "" : others.dataset.must);
    const growing = signs.some((sign) => value(`trend_${sign}`) === "more");
    const fever = form.querySelector("[data-fever]");
    if (fever) fever.hidden = !growing && !form.elements.feverish.checked && !form.elements.temperature_celsius.value;
  }
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (boxes.includes(box) && box.checked) {
      for (const one of boxes) if (one !== box && (box.matches("[data-none]") || one.matches("[data-none]"))) one.checked = false;
    }
    shown();
  });
  shown();
})();
