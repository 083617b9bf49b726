"""Every way the program says no, as one tree. Each message is a sentence that ends with what to do next.

MicroreliefError
├── InputError                  what was given cannot be used; the command line exits with 2
│   ├── PhotoError              carries the file it is about
│   │   ├── PhotoMissing        no such file, a folder, or not readable
│   │   ├── NotAPhoto           no picture in a format that is read
│   │   ├── PhotoDamaged        a picture that breaks off or contradicts itself
│   │   ├── PhotoTooLarge       more pixels, bytes, seconds or memory than a photograph needs
│   │   └── NoSkin              a close-up that shows hardly any skin
│   ├── FaceError               carries the file it is about
│   │   ├── NoFace
│   │   ├── SeveralFaces
│   │   ├── FaceTooSmall
│   │   ├── ProfileView
│   │   └── FaceCovered
│   ├── PairError               the two files cannot be a pair
│   │   ├── SameFile
│   │   ├── NotTheSameSkin      two close-ups whose skin does not match
│   │   ├── ScaleMissing        two close-ups and no millimetres per pixel
│   │   └── ScaleContradicted   stated scales that cannot be
│   ├── RepeatsError            a clinic's repeated photographs, or the file made of them, cannot be used
│   ├── OutputError             the folder for the results cannot be written
│   ├── SettingsRefused         the site's settings are unsafe or incomplete; it does not start
│   ├── BackupUnusable          a backup that cannot be taken or brought back; nothing was left behind
│   ├── FactsError              facts about a person or a visit that cannot be; carries the field
│   └── RulebookError           a rule or a clinic's own value that is incomplete; carries the rule
├── VaultError                  kept photographs, their keys and the trail; the site answers 5xx, or 409
│   ├── KeyFileError            the clinic's key file is missing, locked, damaged or open to others
│   ├── WrongKey                encrypted with a key that is not at hand
│   ├── BlobDamaged             encrypted bytes that were changed, cut off, swapped or filed elsewhere
│   ├── NewerFormat             written by a later version of Microrelief
│   ├── BlobMissing             a record names a file that is not there
│   ├── AlreadyKept             another file stands under this name; carries the name
│   ├── StorageFull             no room on the disk: 507
│   ├── StorageFailed           the disk refused to write or read for another reason
│   ├── TrailBroken             the trail, or a record it vouches for, is not as it was written
│   └── StoreBusy               another process has the store, or too many uploads at once: 503
└── SetupError                  the installation lacks something, for example the landmark model
"""

from pathlib import Path


class MicroreliefError(Exception):
    """Root of all errors that are meant to be read by a person."""


class InputError(MicroreliefError):
    """What was given cannot be used; nothing was written."""


class SetupError(MicroreliefError):
    """The installation lacks something it needs."""


class PhotoError(InputError):
    """A file that cannot become a photograph. `path` is the file, as it was given."""

    def __init__(self, path: Path | str, sentence: str) -> None:
        self.path = Path(path)
        super().__init__(f"{self.path.name or self.path}: {sentence}")


class PhotoMissing(PhotoError):
    """No such file, a folder, or not readable."""


class NotAPhoto(PhotoError):
    """No picture in a format that is read."""


class PhotoDamaged(PhotoError):
    """A picture that breaks off or contradicts itself."""


class PhotoTooLarge(PhotoError):
    """More pixels, bytes, seconds or memory than a photograph needs."""


class NoSkin(PhotoError):
    """A close-up that shows hardly any skin."""


class FaceError(PhotoError):
    """A photograph whose face cannot be measured."""


class NoFace(FaceError):
    """No face was found."""


class SeveralFaces(FaceError):
    """More than one face was found and none was chosen."""


class FaceTooSmall(FaceError):
    """Too few pixels between the eyes to see a scar."""


class ProfileView(FaceError):
    """The head is turned so far that half the face is hidden."""


class FaceCovered(FaceError):
    """Eyes or cheeks are hidden by something."""


class PairError(InputError):
    """The two files cannot be a before and an after."""


class SameFile(PairError):
    """The same file was given twice."""


class NotTheSameSkin(PairError):
    """Two close-ups in which too little of the same skin was found."""


class ScaleMissing(PairError):
    """Two close-ups, and no one said how large a pixel is."""


class ScaleContradicted(PairError):
    """Scales that cannot be, or that contradict each other."""


class RepeatsError(InputError):
    """A clinic's repeated photographs, or the file made of them, cannot be used."""


class OutputError(InputError):
    """The folder for the results cannot be written."""


class SettingsRefused(InputError):
    """The site's settings are unsafe or incomplete; it does not start."""


class BackupUnusable(InputError):
    """A backup that cannot be taken or brought back; nothing was left behind."""


class FactsError(InputError):
    """Facts that cannot be. `field` is the field it is about; nothing was judged."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(f"{field}: {sentence}")


class RulebookError(InputError):
    """A rule or a clinic's own value that is incomplete or cannot be. `rule` is its id, or the file."""

    def __init__(self, rule: str, sentence: str) -> None:
        self.rule = rule
        super().__init__(f"{rule}: {sentence}")


class VaultError(MicroreliefError):
    """Kept photographs, their keys and the trail: what was asked for cannot be done safely."""


class KeyFileError(VaultError):
    """The clinic's key file is missing, locked, damaged or open to others."""


class WrongKey(VaultError):
    """Encrypted with a key that is not at hand."""


class BlobDamaged(VaultError):
    """Encrypted bytes that were changed, cut off, swapped, or filed under another patient or photograph."""


class NewerFormat(VaultError):
    """Written by a later version of Microrelief."""


class BlobMissing(VaultError):
    """A record names a file that is not there."""


class AlreadyKept(VaultError):
    """Another file stands under this name. `name` is the name; the file that stands was not touched."""

    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        super().__init__(sentence)


class StorageFull(VaultError):
    """No room on the disk; nothing was kept, and what was kept before can be read."""


class StorageFailed(VaultError):
    """The disk refused to write or read, for another reason than room."""


class TrailBroken(VaultError):
    """The trail, or a record it vouches for, is not as it was written."""


class StoreBusy(VaultError):
    """Another process has the store, or too many uploads are being read at once."""
