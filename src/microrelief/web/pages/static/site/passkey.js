// A passkey that was refused or cancelled: say so in words, and leave the page as it is.
"use strict";
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("#said");
  const note = document.createElement("p");
  note.className = "note warn";
  note.textContent =
    event.detail.exception?.name === "NotAllowedError"
      ? phrase("The passkey was not used: it was cancelled, or this device has none for the clinic. Try again or take another way.")
      : phrase("The passkey did not work on this device. Try again or take another way.");
  place.replaceChildren(note);
});
