"""ICC profiles written by hand (ICC.1:2022), so that tests need none from elsewhere."""

import struct

P3_D50 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""Display P3's red, green and blue as XYZ adapted to D50 (SMPTE EG 432-1 primaries, Bradford)."""
ADOBE_D50 = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""Adobe RGB (1998), the same, as its specification prints them (4.3.5.3)."""
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(n * 65536) for n in numbers))


def parametric(*g: float) -> bytes:
    kind = {1: 0, 3: 1, 4: 2, 5: 3, 7: 4}[len(g)]
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + fixed(*g)


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


def icc(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """Header, table and parts of a profile."""
    tags = {
        b"desc": b"mluc"
        + bytes(4)
        + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 12, 28)
        + "Tested".encode("utf-16be"),
        b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1.0, 0.8249),
        **tags,
    }
    at = 132 + 12 * len(tags)
    table, parts = struct.pack(">I", len(tags)), b""
    for name, part in tags.items():
        padded = part + bytes(-len(part) % 4)
        table += name + struct.pack(">II", at + len(parts), len(part))
        parts += padded
    size = at + len(parts)
    header = struct.pack(">I4sI4s4s4s", size, b"test", 0x04300000, kind, space, connection)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + parts


def matrix(colorants: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """An RGB profile of three curves and a matrix."""
    xyz = {
        name: b"XYZ " + bytes(4) + fixed(*c)
        for name, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)
    }
    return icc(b"RGB ", xyz | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey(curve: bytes) -> bytes:
    return icc(b"GRAY", {b"kTRC": curve})


def cmyk() -> bytes:
    """A printer of neutral inks, L* = 100 - 25 (C + M + Y + K): a look-up table of 2^4 nodes."""
    nodes = b"".join(bytes((round(255 * (1 - ink.bit_count() / 4)), 128, 128)) for ink in range(16))
    ramp = bytes(range(256))
    lut = (
        b"mft1"
        + bytes(4)
        + bytes((4, 3, 2, 0))
        + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        + ramp * 4
        + nodes
        + ramp * 3
    )
    return icc(b"CMYK", {b"A2B0": lut, b"A2B1": lut}, b"prtr", b"Lab ")


DISPLAY_P3 = matrix(P3_D50, parametric(*SRGB_CURVE))
ADOBE_RGB = matrix(ADOBE_D50, gamma(563 / 256))
GREY_GAMMA_1 = grey(b"curv" + bytes(8))
