"""What is left of a clinic after something happened: `python -m tests.web.judge DATA ACKNOWLEDGED.json`.

Opens the data folder as a start does, sweeps, reads everything, verifies the trail; prints JSON. The server
must be down. ACKNOWLEDGED.json: photograph's id -> SHA-256 of the bytes whose upload was answered with 201.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from microrelief.web.start import open_site


@dataclass
class Judgement:
    acknowledged: int
    rows: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and gone or not the bytes that were acknowledged."""
    unreadable: list[str] = field(default_factory=list)
    """Rows, acknowledged or not, of which a file does not open."""
    doubled: int = 0
    """Photographs that were kept twice."""
    unfinished: int = 0
    without_row: int = 0
    without_file: list[str] = field(default_factory=list)
    left_after_sweep: int = 0
    integrity: str = "ok"
    trail: str = ""

    @property
    def sound(self) -> bool:
        """Nothing lost, nothing half there. Leftovers that the sweep put aside are no fault."""
        bad = (
            self.lost
            or self.unreadable
            or self.doubled
            or self.without_file
            or self.left_after_sweep
            or self.trail
        )
        return not bad and self.integrity == "ok"


def judge(data: Path, acknowledged: dict[str, str]) -> Judgement:
    open_site(data)
    from django.db import connection
    from django.db.models import Count

    from microrelief.errors import VaultError
    from microrelief.vault.envelope import Kind
    from microrelief.web.audit.verify import verify_trail
    from microrelief.web.keyring import photo_store
    from microrelief.web.photos.actions import copy_for_export, names_with_rows
    from microrelief.web.photos.models import Photo

    found = Judgement(len(acknowledged))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            (found.integrity,) = cursor.execute("PRAGMA integrity_check").fetchone()
    swept = photo_store().sweep(names_with_rows())
    found.unfinished, found.without_row = swept.unfinished, len(swept.without_row)
    found.without_file = list(swept.without_file)
    left = {path.name for path in (data / "photos" / "blobs").iterdir()}
    found.left_after_sweep = len(left ^ set(names_with_rows()))
    rows = {str(pk): sha256 for pk, sha256 in Photo.objects.values_list("pk", "sha256")}
    found.rows = len(rows)
    found.lost = [photo for photo, sha256 in acknowledged.items() if rows.get(photo) != sha256]
    for photo in Photo.objects.filter(patient__erased_at=None):
        try:
            for kind in (Kind.ORIGINAL, Kind.THUMBNAIL, Kind.SCREEN):
                digest = hashlib.sha256()
                for piece in copy_for_export(photo, kind):
                    digest.update(piece)
                if kind == Kind.ORIGINAL and digest.hexdigest() != photo.sha256:
                    raise VaultError("other bytes")
        except Exception:
            found.unreadable.append(str(photo.pk))
    found.lost += [photo for photo in found.unreadable if photo in acknowledged]
    found.doubled = Photo.objects.values("sha256").annotate(n=Count("pk")).filter(n__gt=1).count()
    verdict = verify_trail()
    found.trail = "" if verdict.whole else verdict.says
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("acknowledged", type=Path)
    given = parser.parse_args()
    judgement = judge(given.data, json.loads(given.acknowledged.read_text()))
    json.dump(asdict(judgement), sys.stdout)
