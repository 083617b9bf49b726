"""What a thief with the clinic's key would find on the disk: pages of SQLCipher, decrypted one by one.

`python -m tests.web.forensics DATA PATIENT` prints, as JSON, the wrapped keys and the files of a patient.
"""

import json
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from microrelief.vault.keys import ClinicKeys

PAGE, RESERVED, IV, SALT = 4096, 80, 16, 16
"""SQLCipher 4: AES-256-CBC; each page ends with its vector and a MAC, the first begins with the salt."""
WAL_HEADER, FRAME_HEADER = 32, 24


def decrypted_pages(data: Path) -> bytes:
    """All pages of the file and of its journal, also those that are free. The server should be idle."""
    key = ClinicKeys.open(data / "keys").secret("database")
    found = []
    content = (data / "records.sqlite3").read_bytes()
    for start in range(0, len(content) - PAGE + 1, PAGE):
        found.append(_page(key, content[start : start + PAGE], first=start == 0))
    journal = data / "records.sqlite3-wal"
    content = journal.read_bytes() if journal.exists() else b""
    for start in range(WAL_HEADER, len(content) - FRAME_HEADER - PAGE + 1, FRAME_HEADER + PAGE):
        (number,) = struct.unpack(">I", content[start : start + 4])
        page = content[start + FRAME_HEADER : start + FRAME_HEADER + PAGE]
        found.append(_page(key, page, first=number == 1))
    return b"".join(found)


def _page(key: bytes, page: bytes, first: bool) -> bytes:
    vector = page[-RESERVED : -RESERVED + IV]
    sealed = page[SALT if first else 0 : -RESERVED]
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(vector)).decryptor()
    return decryptor.update(sealed) + decryptor.finalize()


if __name__ == "__main__":
    from microrelief.web.start import open_site

    open_site(Path(sys.argv[1]), migrate=False)
    from microrelief.web.patients.models import PatientKeyRow
    from microrelief.web.photos.models import Blob, Photo

    wrapped = PatientKeyRow.objects.get(patient_id=sys.argv[2]).wrapped
    files = list(Blob.objects.filter(photo__patient_id=sys.argv[2]).values_list("name", flat=True))
    assert Photo.objects.filter(patient_id=sys.argv[2]).exists()
    json.dump({"keys": [bytes(wrapped).hex()], "files": files}, sys.stdout)
