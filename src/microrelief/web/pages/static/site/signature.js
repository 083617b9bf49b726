// Strokes on the screen become an SVG path in the form's hidden field.
"use strict";
const pad = document.querySelector("#pad");
const field = document.querySelector("#id_signature");
const how = document.querySelector("#id_how");
const place = document.querySelector("#sign-here");
const pen = pad.getContext("2d");
pen.lineWidth = 2.5;
pen.lineCap = pen.lineJoin = "round";
let drawing = false;
if (field.value) pen.stroke(new Path2D(field.value));

function at(event) {
  const box = pad.getBoundingClientRect();
  return [
    Math.round(((event.clientX - box.left) / box.width) * pad.width),
    Math.round(((event.clientY - box.top) / box.height) * pad.height),
  ].map((value) => Math.max(0, Math.min(value, 9999)));
}

pad.addEventListener("pointerdown", (event) => {
  drawing = true;
  pad.setPointerCapture(event.pointerId);
  const [x, y] = at(event);
  pen.beginPath();
  pen.moveTo(x, y);
  field.value += `M${x} ${y} `;
});
pad.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  const [x, y] = at(event);
  pen.lineTo(x, y);
  pen.stroke();
  field.value += `L${x} ${y} `;
});
["pointerup", "pointercancel"].forEach((name) => pad.addEventListener(name, () => (drawing = false)));
document.querySelector("#wipe").addEventListener("click", () => {
  pen.clearRect(0, 0, pad.width, pad.height);
  field.value = "";
});
function show() {
  place.hidden = how.value !== "tablet";
}
how.addEventListener("change", show);
show();
