"""Files that are nearly what they should be: the valid ones in which a few things went wrong."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

DEEP = b"[" * 9_000
"""Lists in lists, more than any reader of JSON follows."""
LENGTHS = (0, 1, 0x7F, 0x80, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
WRONG = st.one_of(
    st.sampled_from([None, True, -1, 0, 10**400, 0.5, float("inf"), float("nan"), "", "ä", "\ud800", [], {}]),
    st.text(max_size=8),
    st.integers(),
)


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds, cut, with bytes turned, lengths changed, pieces doubled or left out; or no seed."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200) | st.just(DEEP))
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        # half of the places are near the front, where headers are
        most = draw(st.sampled_from([min(len(data), 200), len(data)]))
        at, size = draw(st.integers(0, most)), draw(st.integers(1, 40))
        match draw(st.sampled_from(["cut", "turn", "length", "double", "leave", "insert"])):
            case "cut":
                del data[at:]
            case "turn":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "length":
                width, order = draw(st.sampled_from([1, 2, 4])), draw(st.sampled_from(["big", "little"]))
                length = draw(st.sampled_from(LENGTHS)) & (1 << 8 * width) - 1
                data[at : at + width] = length.to_bytes(width, order)
            case "double":
                data[at:at] = data[at : at + size]
            case "leave":
                del data[at : at + size]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=size))
    return bytes(data)


@st.composite
def mutated_json(draw: st.DrawFn, seed: Any) -> bytes:
    """JSON with the same names, in which one or two values are of another kind, or gone."""
    document = json.loads(json.dumps(seed))
    for _ in range(draw(st.integers(1, 2))):
        holder, name = draw(st.sampled_from(list(_places(document)) or [(None, None)]))
        if holder is None or draw(st.integers(0, 20)) == 0:
            document = draw(WRONG)
        elif draw(st.integers(0, 3)) == 0:
            del holder[name]
        else:
            holder[name] = draw(WRONG)
    return json.dumps(document).encode()


def _places(value: Any) -> Any:
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in named:
        yield value, name
        yield from _places(inner)
