"""The chapters, in the order of a visit."""

from tests.spec import claims, course, numbing, preparation, recovery, session, suitability

CHAPTERS = (suitability, preparation, numbing, session, recovery, course, claims)
