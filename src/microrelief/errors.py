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
│   ├── OutputError             the folder for the results cannot be written
│   ├── FactsError              facts about a person or a visit that cannot be; carries the field
│   └── RulebookError           a rule or a clinic's own value that is incomplete; carries the rule
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


class OutputError(InputError):
    """The folder for the results cannot be written."""


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
