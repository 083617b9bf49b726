"""Every text that people read, gathered from templates, code, rules and models: what a catalogue must hold.

Marked texts are taken as they are marked. The rules, the measurements and the refusals are plain Python: of
their modules each literal that reads like a sentence is taken, and an f-string as a sentence with gaps. Known
limits: a literal of one small letter-word is no sentence for this reader; it is named in `WORDS`.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.template import engines
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

HOUSE = Path(__file__).parent.parent.parent
SITE = HOUSE / "web"

MARKS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
"""Functions that mark, with how many of their arguments are texts."""

PLAIN = (
    "cohort/retest.py",
    "flags.py",
    "pathway/calendar.py",
    "pathway/course.py",
    "pathway/facts.py",
    "pathway/finding.py",
    "pathway/limits.py",
    "pathway/numbing.py",
    "pathway/preparation.py",
    "pathway/recovery.py",
    "pathway/session.py",
    "pathway/suitability.py",
    "pathway/instruments/*.py",
    "imaging/**/*.py",
    "report/wording.py",
    "report/page.py",
    "report/figures.py",
    "report/performance.py",
    "vault/photo_store.py",
    "vault/intake.py",
    "web/**/*.py",
)
"""Modules whose unmarked sentences people read on the site."""

NOT_READ = (
    "imaging/arrays.py",
    "pathway/instruments/gais.py",
    "pathway/instruments/licensed.py",
    "pathway/instruments/quartile_satisfaction.py",
    "imaging/pair/grid.py",
    "web/**/migrations/*.py",
    "web/backup/**/*.py",
    "web/measuring/*.py",
    "web/sqlcipher/*.py",
    "web/languages/*.py",
    "web/audit/*.py",
    "web/background/*.py",
    "web/api/endpoints.py",
    "web/configuration.py",
    "web/custody/erased.py",
    "web/demo.py",
    "web/demo_clinic/*.py",
    "web/keyring.py",
    "web/pages/log.py",
    "web/safety.py",
    "web/settings.py",
    "web/start.py",
)
"""Modules whose literals stand in logs, on the command line, or in answers to programs."""

NO_TEXTS = frozenset(
    {
        # names of types
        "Accept", "Clock", "Lax", "Estimate", "Found", "Parameters", "Question", "Registration",
        # for the command line, a program, a log or a developer
        "# Facts for {stage}. Remove the # before a line to answer it; what stays unanswered is asked for.",
        "a file without a row could not be removed",
        "a list of tables with {join}",
        "a {kind} of {unit} from {low} to {high}",
        "default-src 'none'; sandbox",
        "hold on {patient_id}",
        "is no item of it (value {shown}); items are {join}.",
        "is no scale here; accepted are {join}.",
        "is not a field here (value {shown}); accepted are the {len} fields that "
        "`microrelief pathway example STAGE` prints.",
        "is not a field here (value {shown}); accepted are {join}.",
        "is not a field here (value {shown}); did you mean {near}?",
        "key of {patient_id}",
        "no-store, private",
        "noindex, nofollow, noarchive",
        "one box",
        "patient {number} erased",
        "photo set {pk}",
        "sent once",
        "the key belongs into the transaction of what it makes",
        "the list of the erased was not written: %s",
    }
)  # fmt: skip
"""What reads like a sentence and is none for people on the site."""

RULES = ("suitability", "preparation", "numbing", "session", "recovery", "course", "claims")
RULE_TEXTS = ("says", "patient", "why", "avoid", "note", "memory", "window", "do", "unit")
QUESTION_TEXTS = ("asks", "unit", "help")

WORDS = (
    # levels, verdicts and confidence of the rules
    "ok", "ask", "caution", "refer", "defer", "exclude", "move", "warning", "stop", "fine", "watch",
    "same day", "emergency", "treat", "strong", "moderate", "weak", "disputed", "yes", "no", "unknown",
    "{verdict} until {day}",
    # why a link did not open
    "revoked", "expired", "replaced",
    # the report: its words, and what it composes of them
    "could not be seen", "◂ shallower", "deeper ▸", "◂ lower", "higher ▸",
    "clipping", "retouching", "resolution", "registration", "shine",
    "beard", "correlation", "JPEG quality", "found", "{number1} %, found",
    "shallower", "deeper", "lower", "higher", "relief", "redness", "pigment", "scars", "Scars", "warmer",
    "cooler", "redder", "softer", "harder", "fired", "off", "too different", "stated", "iris", "the iris",
    "red × {number1} · green × {number2} · blue × {number3}",
    "{number1} to {number2}", "{number1} to {number2} {word}", "{number1} {word} to {number2} {word2}",
    "{number1} {word}", "detectable {number1}",
    "{names} read {verdict}.", "{names} reads {verdict}.",
    "relief and redness",
    "relief and pigment",
    "redness and pigment",
    "relief, redness and pigment",
    "scars and redness",
    "scars and pigment",
    "scars, redness and pigment",
    "left forehead",
    "right forehead",
    "nose",
    "whole face", "{number1} degrees",
    "{number1} stops", "{number1} pixels", "{number1} × {number2} pixels", "{number1} of the zones hidden",
    # a grading scale
    "0 clear",
    "chest",
    "{step} (if you use it).",
    "{says} {number1}",
    "back",
    # the record
    "When was {product} last? It should have stopped on {day}",
    "patient {number1}", "a patient", "{purpose}, on {day}",
    "sterile saline", "somebody", "lot {lot}", "patients", "sessions", "consents", "consent",
    "plans", "plan", "visits", "visit", "comparisons", "comparison", "diary", "correction", "needled",
    "signed", "draft", "page", "api", "program", "programme", "the patient", "guardian", "representative",
    "a representative", "front", "before", "after", "entries", "{number1} entries", "not asked", "withdrawn",
    "lectures", "journals", "rolling", "boxcar", "icepick", "raised", "macular", "mild", "severe", "serious",
    "faint", "bleeding", "pain", "other", "infection", "herpes", "burn", "kept", "record", "number",
    "{number1} zones", "{number1} photograph", "{number1} photographs", "{number1} questions open",
)  # fmt: skip
"""Words that code shows and no mark names, and what it composes. A gap named `number` takes figures only."""


@dataclass
class Message:
    """One text, its plural where it has one, and where it stands."""

    msgid: str
    plural: str = ""
    places: list[str] = field(default_factory=list)


def gathered() -> dict[str, Message]:
    """All messages by their English text, in the order in which they are found."""
    found: dict[str, Message] = {}
    for msgid, plural, place in _everything():
        text = " ".join(msgid.split()) if "\n" in msgid else msgid
        if not re.search(r"[^\W\d_]{2}", GAPS.sub("", text)):
            continue
        message = found.setdefault(text, Message(text))
        message.plural = message.plural or plural
        if place not in message.places:
            message.places.append(place)
    return found


GAPS = re.compile(r"\{\w*\}|%\(\w+\)[sd]")


def _everything() -> Iterator[tuple[str, str, str]]:
    yield from _templates()
    yield from _code()
    yield from _rules()
    yield from _models()
    yield from _report_page()
    yield from _scripts()
    for word in WORDS:
        yield word, "", "web/languages/gathered.py"


def _templates() -> Iterator[tuple[str, str, str]]:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    for file in sorted(SITE.glob("*/templates/**/*")):
        if file.suffix not in (".html", ".txt"):
            continue
        place = file.relative_to(HOUSE).as_posix()
        template = Template(file.read_text("utf-8"), engine=engine)
        for node in _nodes(template.nodelist):
            if isinstance(node, TranslateNode):
                said = getattr(node.filter_expression.var, "literal", None)
                if isinstance(said, str):
                    yield said.replace("%", "%%"), "", place
            elif isinstance(node, BlockTranslateNode):
                yield _block(node, node.singular), _block(node, node.plural), place


def _block(node: BlockTranslateNode, tokens: list[Any] | None) -> str:
    if not tokens:
        return ""
    said = str(node.render_token_list(tokens)[0])
    return " ".join(said.split()) if node.trimmed else said


def _nodes(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        for name in getattr(node, "child_nodelists", ()):
            yield from _nodes(getattr(node, name, None) or ())
        for _, more in getattr(node, "conditions_nodelists", ()):
            yield from _nodes(more)


def _code() -> Iterator[tuple[str, str, str]]:
    unread = {file for pattern in NOT_READ for file in HOUSE.glob(pattern)}
    files = {file for pattern in PLAIN for file in HOUSE.glob(pattern)} - unread
    for file in sorted(files):
        place = file.relative_to(HOUSE).as_posix()
        tree = ast.parse(file.read_text("utf-8"))
        yield from ((msgid, plural, place) for msgid, plural in _texts(tree))


def _texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    taken = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in MARKS:
            marked = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            taken |= {id(arg) for arg in node.args}
            if marked:
                yield marked[0], marked[1] if MARKS[_name(node.func)] > 1 and len(marked) > 1 else ""
        elif isinstance(node, ast.JoinedStr):
            own = {id(part) for part in node.values}
            taken |= own | {id(part) for part in ast.walk(node) if part is not node and not _sentence(part)}
    for node in ast.walk(tree):
        if id(node) in taken:
            continue
        for said in _said(node):
            if _reads_like_a_sentence(said):
                yield said, ""


def _sentence(part: ast.AST) -> bool:
    """A longer literal inside a gap is a sentence of its own."""
    return isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value.strip()


def _said(node: ast.AST) -> list[str]:
    """What a literal says: as it stands; with gaps; once for each of two words that a gap chooses from."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value.replace("{}", "{gap}")]
    if not isinstance(node, ast.JoinedStr):
        return []
    said = [""]
    names: set[str] = set()
    for part in node.values:
        if isinstance(part, ast.Constant):
            said = [one + str(part.value) for one in said]
        elif isinstance(part, ast.FormattedValue):
            choice = _choice(part.value)
            if choice:
                said = [one + word for one in said for word in choice]
            else:
                name = _gap_name(part.value, names)
                names.add(name)
                said = [one + "{" + name + "}" for one in said]
    return said


def _choice(value: ast.expr) -> list[str]:
    if isinstance(value, ast.IfExp):
        either = [value.body, value.orelse]
        if all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in either):
            return [one.value for one in either]  # type: ignore[attr-defined]
    return []


def _gap_name(value: ast.expr, taken: set[str]) -> str:
    names = [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(value)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    name = next((one.lower().strip("_") for one in names if one.lower().strip("_")), "gap")
    chosen, count = name, 2
    while chosen in taken:
        chosen, count = f"{name}{count}", count + 1
    return chosen


def _reads_like_a_sentence(said: str) -> bool:
    """Words with a space between them, or one capitalised word; no markup, no query, no format of a day."""
    if re.search(r"[<>|\\=]|%[YHd]|^[A-Z_]{4,} |^\W*$|^application/|^[a-z_]+\.[a-z_.]+$|^/|://", said):
        return False
    if said in NO_TEXTS or "{pk}" in said or said.startswith(("default-src", "microrelief ", " --")):
        return False
    core = GAPS.sub("", said)
    words = re.findall(r"[^\W\d_]{2,}", core)
    if len(words) >= 2 and " " in said.strip():
        return True
    return bool(re.fullmatch(r"[A-Z][a-z-]+[.:]?", said)) and len(said) > 2


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, and the sentences that stand under an attribute."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.IfExp | ast.Lambda) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield statement.value


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _rules() -> Iterator[tuple[str, str, str]]:
    for stage in RULES:
        file = HOUSE / "pathway" / "rules" / f"{stage}.toml"
        yield from _fields(tomllib.loads(file.read_text("utf-8")), RULE_TEXTS, f"pathway/rules/{stage}.toml")
    for stage in ("common", *RULES[:-1]):  # nobody is asked about claims on the site
        file = HOUSE / "pathway" / "questions" / f"{stage}.toml"
        place = f"pathway/questions/{stage}.toml"
        told = tomllib.loads(file.read_text("utf-8"))
        yield from _fields(told, (*QUESTION_TEXTS, "choices", "accepts"), place)


def _fields(table: Any, names: tuple[str, ...], place: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(table, dict):
        return
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _fields(value, names, place)
        elif name in names:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    yield one, "", place


def _models() -> Iterator[tuple[str, str, str]]:
    for model in apps.get_models():
        if not model.__module__.startswith("microrelief.web.") or hasattr(model, "instance_type"):
            continue
        place = model.__module__.replace(".", "/").removeprefix("microrelief/") + ".py"
        for column in model._meta.get_fields():
            for _, words in getattr(column, "choices", None) or ():
                if isinstance(words, str):
                    yield words, "", place


def _report_page() -> Iterator[tuple[str, str, str]]:
    """The texts of the report's own page, which knows no marks: between tags, and what is read aloud."""
    place = "report/templates/report.html.j2"
    page = (HOUSE / place).read_text("utf-8").partition("{% block body %}")[2]
    page = re.sub(r"\{%.*?%\}|\{#.*?#\}", "<>", page, flags=re.DOTALL)
    page = re.sub(r"<(svg|script|style)\b(?!.*?<text).*?</\1>", "<>", page, flags=re.DOTALL)
    said = re.findall(r'(?:aria-label|title|alt)="([^"]*)"', page) + re.split(r"<[^>]*>", page)
    for one in said:
        text = " ".join(_gaps_of_page(one).split()).strip(" ·()")
        if "=" not in text and re.search(r"[^\W\d_]{2}", GAPS.sub("", text)):
            yield text, "", place


def _gaps_of_page(text: str) -> str:
    taken: set[str] = set()

    def gap(found: re.Match[str]) -> str:
        words = re.findall(r"[A-Za-z_]+", found.group(1))
        name = chosen = words[0].lower() if words else "gap"
        count = 2
        while chosen in taken:
            chosen, count = f"{name}{count}", count + 1
        taken.add(chosen)
        return "{" + chosen + "}"

    return re.sub(r"\{\{(.*?)\}\}", gap, text, flags=re.DOTALL)


def _scripts() -> Iterator[tuple[str, str, str]]:
    """What our scripts say by `phrase("...")`, and the names that the viewer of the report shows."""
    for file in sorted(SITE.glob("*/static/**/*.js")):
        for said in re.findall(r'phrase\("((?:[^"\\]|\\.)*)"', file.read_text("utf-8")):
            yield said, "", file.relative_to(HOUSE).as_posix()
    viewer = (HOUSE / "report/templates/viewer.js").read_text("utf-8")
    names = re.search(r"const NAMES = \{(.*?)\};", viewer, re.DOTALL)
    for said in re.findall(r'"([^"]+)"', names.group(1) if names else ""):
        yield said, "", "report/templates/viewer.js"
    for choice in re.findall(r"said\([^)]*\? \"([^\"]+)\" : \"([^\"]+)\"\)", viewer):
        for said in choice:
            yield said, "", "report/templates/viewer.js"
