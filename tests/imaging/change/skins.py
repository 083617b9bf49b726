"""Patches of skin in log light whose truth is known: texture that stays, pits that heal, marks that fade."""

import cv2
import numpy as np

MM = 0.15
SHAPE = (420, 420)


def texture(seed: int, strength: float = 0.02) -> np.ndarray:
    """Microrelief and mottling: band-limited noise, the same before and after."""
    noise = np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32)
    fine = cv2.GaussianBlur(noise, (0, 0), 1.5) - cv2.GaussianBlur(noise, (0, 0), 6)
    return strength * fine / fine.std()


def pits(seed: int, count: int = 30, depth: float = 1.0) -> np.ndarray:
    """Shading of round pits under a light from the upper right: the slope of their height along it."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    height = np.zeros(SHAPE, np.float32)
    for _ in range(count):
        row, column = rng.uniform(40, SHAPE[0] - 40, 2)
        width = rng.uniform(0.4, 1.0) / MM
        height -= np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2)).astype(np.float32)
    down, right = np.gradient(height)
    return (depth * 0.9 * (right - down)).astype(np.float32)


def blots(seed: int, strength: float, count: int = 30) -> np.ndarray:
    """Flat dark spots where `pits` of the same seed are."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    dark = np.zeros(SHAPE, np.float32)
    for _ in range(count):
        row, column = rng.uniform(40, SHAPE[0] - 40, 2)
        width = rng.uniform(0.4, 1.0) / MM
        dark -= np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2)).astype(np.float32)
    return strength * dark


def discs(seed: int, strength: float, count: int) -> np.ndarray:
    """Even patches of colour, 3 to 5 mm wide, softly edged, anywhere."""
    rng = np.random.default_rng(seed)
    patches = np.zeros(SHAPE, np.float32)
    for _ in range(count):
        row, column = rng.uniform(40, SHAPE[0] - 40, 2)
        cv2.circle(patches, (round(column), round(row)), round(rng.uniform(1.5, 2.5) / MM), 1.0, -1)
    return strength * cv2.GaussianBlur(patches, (0, 0), 0.4 / MM)


def photographed(skin: np.ndarray, seed: int, noise: float = 0.012, exposure: float = 0.0) -> np.ndarray:
    """The patch as a camera sees it: another exposure, its own noise."""
    grain = np.random.default_rng(seed).normal(scale=noise, size=SHAPE)
    return (skin + exposure + grain).astype(np.float32)


def whole() -> np.ndarray:
    """A mask of valid skin with a margin."""
    mask = np.zeros(SHAPE, bool)
    mask[8:-8, 8:-8] = True
    return mask
