"""Is skin told from what else lies in a close-up, whatever its tone?"""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from microrelief.errors import NoSkin
from microrelief.imaging.photo.photo import Photo
from microrelief.imaging.skin.close_up import find_skin
from microrelief.phantom.skin_colour import TONE_BLOOD, melanin_of_tone, reflectance, to_linear_rgb
from tests.bench.material import encode

SIDE = 500


def photo(rgb: np.ndarray) -> Photo:
    return Photo(Path("cheek.jpg"), hashlib.sha256(rgb.tobytes()).hexdigest(), rgb.nbytes, rgb)


def skin_of(tone: int, gains: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> np.ndarray:
    """Uneven light on skin of a tone, uint8 (SIDE, SIDE, 3)."""
    colour = to_linear_rgb(reflectance(melanin_of_tone(tone), TONE_BLOOD[tone])) * gains
    colour = colour * {1: 0.36, 2: 0.32, 3: 0.28, 4: 0.22, 5: 0.16, 6: 0.11}[tone] / colour.mean()
    light = np.linspace(0.6, 1.4, SIDE)[None, :, None]
    noise = np.random.default_rng(tone).normal(1, 0.03, (SIDE, SIDE, 1))
    return encode((light * noise * colour).astype(np.float32))


@pytest.mark.parametrize("tone", range(1, 7))
@pytest.mark.parametrize("gains", [(1.0, 1.0, 1.0), (1.1, 1.0, 0.9), (0.9, 1.0, 1.1)])
def test_skin_of_every_tone_is_skin(tone: int, gains: tuple[float, float, float]) -> None:
    assert find_skin(photo(skin_of(tone, gains))).mask.mean() > 0.97


@pytest.mark.parametrize("tone", range(1, 7))
@pytest.mark.parametrize(
    "thing", [(235, 235, 235), (60, 90, 200), (30, 30, 32), (120, 60, 160), (255, 255, 255), (70, 160, 90)]
)
def test_rulers_and_gloves_are_not(tone: int, thing: tuple[int, int, int]) -> None:
    picture = skin_of(tone)
    picture[:, :120] = thing
    found = find_skin(photo(picture))
    places = np.array([[250.0, 50.0], [250.0, 300.0], [20.0, 480.0], [-5.0, 300.0], [250.0, 600.0]])
    assert found.at(places).tolist() == [False, True, True, False, False]


def test_marks_on_the_skin_belong_to_it_and_only_the_largest_piece_counts() -> None:
    picture = skin_of(2)
    cv2.circle(picture, (250, 300), 8, (70, 45, 35), -1)
    picture[:, 80:100] = 240  # a ruler's edge cuts a strip of skin off
    found = find_skin(photo(picture))
    assert found.at(np.array([[300.0, 250.0], [300.0, 40.0]])).tolist() == [True, False]


@pytest.mark.parametrize(
    "picture",
    [
        np.full((200, 300, 3), 128, np.uint8),
        np.zeros((200, 300, 3), np.uint8),
        np.full((200, 300, 3), 255, np.uint8),
        np.full((200, 300, 3), (40, 90, 200), np.uint8),
        np.full((1, 1, 3), 128, np.uint8),
    ],
    ids=["grey", "black", "burnt out", "blue", "one pixel"],
)
def test_a_picture_without_skin_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(NoSkin, match="colour photograph in which skin fills most"):
        find_skin(photo(picture))
