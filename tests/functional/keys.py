"""A page walked with Tab, Enter, Space and arrows alone, by somebody who looks where the focus is."""

from typing import Any

FARTHEST = 400
"""Presses of Tab until a control is given up: more than the longest page has stops."""
STANDS = """(wanted) => {
  const one = document.activeElement;
  if (!one || one === document.body) return { lost: true };
  const box = one.getBoundingClientRect();
  const seen = one.matches(".seg-in label input") ? one.nextElementSibling : one;
  const style = getComputedStyle(seen);
  const marked = style.outlineStyle !== "none" || style.boxShadow !== "none" || one.closest("svg");
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const near = one.closest("label, .seg-in, .field, svg, .live") ?? one;
  const free = box.width < 2 || one.matches("[type=file], .skip") || near.contains(top) || top?.contains(one);
  const inside = box.bottom > 0 && box.top < innerHeight;
  const says = `${one.tagName} ${one.id} ${one.name ?? ""} ${one.className?.baseVal ?? one.className} `
    + (one.textContent ?? "").trim().slice(0, 40);
  return { lost: false, reached: one.matches(wanted), marked: Boolean(marked), free, inside, says,
           over: free ? "" : `${top?.tagName} ${top?.className}` };
}"""


class Keys:
    """Hands on a keyboard. Every stop on the way must be seen: marked, on the screen, under nothing."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.faults: list[str] = []

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)

    def stand(self, wanted: str = "*") -> dict[str, Any]:
        """Where the focus is, and whether one sees it."""
        found: dict[str, Any] = self.page.evaluate(STANDS, wanted)
        if found["lost"]:
            return found
        for name, fault in (("marked", "no mark"), ("inside", "off the screen"), ("free", "covered by")):
            if not found[name]:
                self.faults.append(f"{self.page.url}: {fault} {found['over']}: {found['says']}")
        return found

    def to(self, wanted: str, back: bool = False) -> None:
        """Tab until this has the focus."""
        if not self.page.evaluate("(wanted) => document.activeElement?.matches(wanted)", wanted):
            for _ in range(FARTHEST):
                self.press("Shift+Tab" if back else "Tab")
                if self.stand(wanted).get("reached"):
                    return
            raise AssertionError(f"Tab never reached {wanted} on {self.page.url}")

    def go(self, wanted: str) -> None:
        """Tab to it and press Enter; then the new page stands still."""
        self.to(wanted)
        with self.page.expect_navigation():
            self.press("Enter")

    def write(self, name: str, text: str) -> None:
        self.to(f"[name='{name}']")
        if text.count("-") == 2 and text[:4].isdigit():  # a date is typed as the browser's language wants it
            year, month, day = text.split("-")
            text = f"{month}{day}{year}"
        self.page.keyboard.type(text)

    def choose(self, name: str, value: str = "no") -> None:
        """An answer of a group: Tab into the group, arrows to the answer."""
        if self.page.locator(f"[type=checkbox][name='{name}']").count():
            self.to(f"[name='{name}'][value='{value}']")
            self.press("Space")
            return
        self.to(f"[name='{name}']")
        for _ in range(12):
            now = self.page.evaluate("[document.activeElement.name, document.activeElement.value]")
            if now == [name, value]:
                if not self.page.evaluate("document.activeElement.checked"):
                    self.press("Space")
                return
            self.press("ArrowRight")
        raise AssertionError(f"arrows never reached {name}={value} on {self.page.url}")
