"""The schema of result.json becomes docs/reference/result.md, so that the page cannot drift.

`python -m microrelief.report.reference` writes the page; with `--check` it only says whether the page is up
to date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from microrelief.report.result import SCHEMA, schema

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "result.md"

_OPENING = f"""# result.json

The result of `microrelief compare` as data, in the schema `{SCHEMA}`. The schema itself is
`src/microrelief/report/comparison-1.schema.json`; every document is checked against it before it is written.
This page is generated from it: `python -m microrelief.report.reference`.

Numbers are finite. The numbers of an outcome are null exactly when its verdict is `not comparable`, and every
verdict is `not comparable` when `comparability.comparable` is false. A new field may be added within version
1; none is renamed or removed.
"""


def reference_page() -> str:
    """The whole page as Markdown: one table of fields for each object in the schema."""
    whole = schema()
    sections = [("The document", whole)]
    sections += [(f"`{name}`", found) for name, found in whole["$defs"].items()]
    return "\n".join([_OPENING, *(_section(title, found) for title, found in sections)])


def _section(title: str, found: dict[str, Any]) -> str:
    rows = [f"| `{path}` | {_type(field)} | {_says(field)} |" for path, field in _fields(found)]
    return "\n".join(
        [
            f"## {title}\n",
            f"{found['description']}\n",
            "| Field | Type | Meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _fields(found: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, field in found.get("properties", {}).items():
        yield f"{prefix}{name}", field
        yield from _fields(field, f"{prefix}{name}.")
    free = found.get("additionalProperties")
    if isinstance(free, dict) and "description" in free:
        yield f"{prefix}{{name}}", free
        yield from _fields(free, f"{prefix}{{name}}.")


def _says(field: dict[str, Any]) -> str:
    choices = f" One of {', '.join(f'`{choice}`' for choice in field['enum'])}." if "enum" in field else ""
    return str(field.get("description", "") + choices).replace("|", "\\|")


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return f"[`{(name := field['$ref'].rsplit('/', 1)[-1])}`](#{name})"
    if field.get("type") == "array":
        items = field.get("items") or field["prefixItems"][0]
        return f"list of {_type(items)}"
    kind = field.get("type", "string")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def main(arguments: list[str]) -> int:
    """Write the page, or with --check return 1 when the one on disk differs."""
    page = reference_page()
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text("utf-8") == page:
            return 0
        print(f"{PAGE.name} is out of date: run python -m microrelief.report.reference", file=sys.stderr)
        return 1
    if arguments:
        print("usage: python -m microrelief.report.reference [--check]", file=sys.stderr)
        return 2
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
