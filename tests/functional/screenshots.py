"""`python -m tests.functional.screenshots FOLDER`: every page as a picture, phone, tablet and desktop."""

import argparse
import re
import tempfile
from pathlib import Path

from tests.functional.opened import SCREENS, Opened, opened


def shoot(clinic: Opened, folder: Path, only: str, widths: list[int]) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    clinic.measured()
    taken = 0
    for width in widths:
        clinic.page.set_viewport_size({"width": width, "height": SCREENS[width]})
        for name, place in clinic.pages():
            if re.search(only, name) and clinic.open(place):
                clinic.page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
                taken += 1
    return taken


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="pages whose names this regular expression finds")
    parser.add_argument("--widths", type=int, nargs="+", default=list(SCREENS), choices=list(SCREENS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, opened(Path(scratch)) as clinic:
        print(f"{shoot(clinic, given.folder, given.only, given.widths)} pictures are in {given.folder}")
        for trouble in clinic.troubles:
            print(f"  {trouble}")
