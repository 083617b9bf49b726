"""What consent can be asked for, and where a picture may go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purpose:
    """One purpose; each is asked, given, refused and withdrawn for itself."""

    name: str
    says: str
    shows_faces: bool
    """Whether pictures leave the record: then channels and photographs are chosen, and faces must be said."""


PURPOSES = {
    "treatment": Purpose(
        "Treatment", "Microneedling is done, with the risks that were talked through", False
    ),
    "record": Purpose("Photographs in the record", "Photographs are taken and kept for the treatment", False),
    "comparison": Purpose("Measured comparison", "The program compares the photographs", False),
    "teaching": Purpose("Teaching", "Pictures are shown to colleagues in training", True),
    "research": Purpose("Research", "Pictures and measurements are used in a named study", True),
    "website": Purpose("Website", "Pictures are published on the clinic's site", True),
    "social": Purpose("Social media", "Pictures are published on social networks", True),
    "print": Purpose("Print", "Pictures are printed for patients and advertising", True),
}
CHANNELS = {
    "clinic": "inside the clinic",
    "lecture": "lectures",
    "journal": "journals",
    "website": "the clinic's website",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "print": "printed matter",
}
HOW = {
    "tablet": "signed on this screen",
    "typed": "name typed on this screen",
    "paper": "signed on paper, which is kept",
    "spoken": "said to a witness",
}
SIGNERS = {"patient": "the patient", "guardian": "a parent or guardian", "representative": "a representative"}
