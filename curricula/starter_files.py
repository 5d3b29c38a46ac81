"""The starter files: read and checked, nothing written.

A file is read into frozen dataclasses or refused whole by a StarterError that names file, line and reason. Markdown
stays Markdown here; ``curricula.starter_text`` turns it into rich text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.utils.text import slugify

from curricula import starter_text
from curricula.enums import CourseKind, CourseLevel, ReaderAudience
from curricula.starter_text import MarkdownError

PROSE = "text"
PRACTICE_MINUTES = range(1, 16)
QUESTION_KINDS = ("single", "multiple", "true_false")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MODULE_NAME = re.compile(r"\d\d-[a-z0-9-]+\.md")


class StarterError(Exception):
    """Why a starter file can't be read, in words for the person who wrote it; ``line`` counts from 1."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


# --- what the files hold


class Source(NamedTuple):
    """Where something was read: the file, and the SHA-256 of its whole text."""

    path: Path
    digest: str


@dataclass(frozen=True)
class Block:
    """One piece of a section: prose (kind ``text``, its Markdown under ``text``) or a fenced block's fields."""

    kind: str
    values: Mapping[str, Any]
    line: int

    @property
    def shape(self) -> list[str]:
        """What a translation must repeat, as a list of words that can be compared."""
        if self.kind == PROSE:
            return starter_text.shape(starter_text.parse(self.values["text"]))
        return [
            f"{self.kind} {key} {len(value) if isinstance(value, list) else 1}" for key, value in self.values.items()
        ]


@dataclass(frozen=True)
class Section:
    """One screen of the player, or one heading of a page with what stands below it."""

    slug: str
    title: str
    blocks: tuple[Block, ...]
    line: int


@dataclass(frozen=True)
class CourseFile:
    source: Source
    code: str
    title: str
    kind: str
    level: str
    size: str
    summary: str
    written: bool
    agencies: tuple[str, ...]
    audience: str
    prerequisites: tuple[str, ...]
    topics: tuple[str, ...]
    pass_percent: int
    valid_months: int | None
    certificate: bool
    law_as_of: date | None
    review_by: date | None
    reviewed_by: str
    introduction: str


@dataclass(frozen=True)
class ModuleFile:
    source: Source
    slug: str
    title: str
    objectives: tuple[str, ...]
    minutes: int
    content_note: str
    law_as_of: date | None
    review_by: date | None
    sections: tuple[Section, ...]

    @property
    def words(self) -> int:
        """Words of the running text: prose, and sensitive parts in full; not the cards and cases between them."""
        parts = (block for section in self.sections for block in section.blocks if block.kind in (PROSE, "sensitive"))
        return sum(starter_text.words(part.values["text"]) for part in parts)

    def count(self, *kinds: str) -> int:
        return sum(block.kind in kinds for section in self.sections for block in section.blocks)


@dataclass(frozen=True)
class PageFile:
    """A page of the frame or of the prevention library, in one language.

    ``opening`` stands before the first heading. ``extra`` holds front matter that only some pages have (the home
    page's doors and steps), as it was written.
    """

    source: Source
    slug: str
    title: str
    browser_title: str
    summary: str
    sections: tuple[Section, ...]
    opening: tuple[Block, ...] = ()
    audience: str = ""
    topics: tuple[str, ...] = ()
    written: bool = True
    law_as_of: date | None = None
    review_by: date | None = None
    reviewed_by: str = ""
    printable: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChoiceEntry:
    text: str
    right: bool
    feedback: str


@dataclass(frozen=True)
class QuestionEntry:
    code: str
    kind: str
    topic: str
    module: str
    stem: str
    explanation: str
    choices: tuple[ChoiceEntry, ...]
    line: int


@dataclass(frozen=True)
class QuizFile:
    source: Source
    title: str
    pass_percent: int
    questions: tuple[QuestionEntry, ...]


# --- YAML that remembers its lines


class Located(dict[str, Any]):
    """A mapping that knows on which line it and each of its keys stands."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class _Loader(yaml.SafeLoader):
    offset = 0


def _construct_mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    mapping = Located(node.start_mark.line + 1 + loader.offset)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"put {key!r} in quotes", key_node.start_mark)
        if key in mapping:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
        mapping.lines[key] = key_node.start_mark.line + 1 + loader.offset
    return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


def _load_yaml(text: str, path: Path, offset: int = 0) -> Any:
    loader = _Loader(text)
    loader.offset = offset
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (mark.line if mark else 0) + 1 + offset
        raise StarterError(path, line, f"This is not readable YAML: {error.problem}.") from error
    except ValueError as error:
        raise StarterError(path, offset + 1, f"This is not readable YAML: {error}.") from error
    finally:
        loader.dispose()


class Fields:
    """Takes named values out of a mapping and checks them; ``close`` refuses what nobody took."""

    def __init__(self, mapping: Any, path: Path, line: int) -> None:
        if not isinstance(mapping, Located):
            raise StarterError(path, line, "Fields are expected here, each as `name: value`.")
        self.mapping = mapping
        self.path = path
        self.taken: set[str] = set()

    def error(self, key: str, reason: str) -> StarterError:
        return StarterError(self.path, self.mapping.lines.get(key, self.mapping.line), reason)

    def take(self, key: str, kind: type, words: str, default: Any = ...) -> Any:
        self.taken.add(key)
        value = self.mapping.get(key, ...)
        if value is ...:
            if default is ...:
                raise self.error(key, f"`{key}` is missing.")
            return default
        if value is None and default is not ...:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"`{key}` must be {words}.")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = str(
            self.take(key, str, "text (in quotes, where it looks like a number or a date)", default or ...)
        ).strip()
        if not value:
            raise self.error(key, f"`{key}` is empty.")
        return value

    def optional_text(self, key: str) -> str:
        return str(self.take(key, str, "text (in quotes, where it looks like a number or a date)", "")).strip()

    def slug(self, key: str) -> str:
        value = self.text(key)
        if not _SLUG.fullmatch(value):
            raise self.error(key, f"`{key}` may hold small letters, digits and hyphens, not {value!r}.")
        return value

    def number(self, key: str, allowed: range, default: Any = ...) -> Any:
        value = self.take(key, int, f"a whole number from {allowed[0]} to {allowed[-1]}", default)
        if value is not None and value not in allowed:
            raise self.error(key, f"`{key}` must be a whole number from {allowed[0]} to {allowed[-1]}.")
        return value

    def flag(self, key: str, default: Any = ...) -> bool:
        return bool(self.take(key, bool, "true or false", default))

    def day(self, key: str) -> date | None:
        value: date | None = self.take(key, date, "a day written as 2026-11-01", None)
        return value

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        values = self.take(key, list, "a list of texts", default)
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.error(key, f"Each entry of `{key}` must be text, not {value!r}.")
        return tuple(value.strip() for value in values)

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.error(key, f"`{key}` must be one of {', '.join(allowed)}, not {value!r}.")
        return value

    def markdown(self, key: str) -> str:
        value = self.text(key)
        try:
            starter_text.to_html(value)
        except MarkdownError as error:
            raise self.error(key, f"`{key}`: {error.reason}") from error
        return value

    def rest(self) -> dict[str, Any]:
        """What nobody took so far."""
        rest = {key: value for key, value in self.mapping.items() if key not in self.taken}
        self.taken.update(rest)
        return rest

    def close(self) -> None:
        for key in self.mapping:
            if key not in self.taken:
                raise self.error(key, f"`{key}` is not known here.")


# --- reading


def read_course(path: Path) -> CourseFile:
    """The course that a course.md describes. Raises StarterError."""
    source, fields, body, offset = _read(path)
    code = fields.slug("code")
    if code != path.parent.name:
        raise fields.error("code", f"The code {code!r} must be the folder's name, {path.parent.name!r}.")
    audience = Fields(fields.take("audience", Located, "fields `agencies` and `text`"), path, fields.mapping.line)
    course = CourseFile(
        source=source,
        code=code,
        title=fields.text("title"),
        kind=fields.one_of("kind", CourseKind.values),
        level=fields.one_of("level", CourseLevel.values),
        size=fields.one_of("size", ("full", "short")),
        summary=fields.text("summary"),
        written=fields.flag("written"),
        agencies=tuple(code for code in audience.texts("agencies") if code != "all"),
        audience=audience.optional_text("text"),
        prerequisites=fields.texts("prerequisites", ()),
        topics=fields.texts("topics", ()),
        pass_percent=fields.number("pass_percent", range(1, 101), 80),
        valid_months=fields.number("valid_months", range(1, 121), None),
        certificate=fields.flag("certificate", True),
        law_as_of=fields.day("law_as_of"),
        review_by=fields.day("review_by"),
        reviewed_by=fields.optional_text("reviewed_by"),
        introduction=body.strip(),
    )
    audience.close()
    fields.close()
    try:
        starter_text.to_html(body)
    except MarkdownError as error:
        raise StarterError(path, offset + error.line + 1, error.reason) from error
    return course


def read_module(path: Path, *, written: bool = True) -> ModuleFile:
    """The module in a file of a course's folder; one that is not ``written`` needs no section. Raises StarterError."""
    source, fields, body, offset = _read(path)
    opening, sections = _read_body(body, path, offset)
    if opening:
        raise StarterError(path, opening[0].line, "A module starts with a section: a line `## Title`.")
    if written and not sections:
        raise StarterError(path, offset + 1, "A written module needs at least one section.")
    module = ModuleFile(
        source=source,
        slug=fields.slug("slug"),
        title=fields.text("title"),
        objectives=fields.texts("objectives"),
        minutes=fields.number("minutes", range(1, 1000)),
        content_note=fields.optional_text("content_note"),
        law_as_of=fields.day("law_as_of"),
        review_by=fields.day("review_by"),
        sections=sections,
    )
    fields.close()
    return module


def read_page(path: Path) -> PageFile:
    """A page of the frame, in the language that its name says. Raises StarterError."""
    source, fields, body, offset = _read(path)
    opening, sections = _read_body(body, path, offset)
    page = PageFile(
        source=source,
        slug=fields.slug("slug"),
        title=fields.text("title"),
        browser_title=fields.optional_text("browser_title"),
        summary=fields.optional_text("summary"),
        law_as_of=fields.day("law_as_of"),
        review_by=fields.day("review_by"),
        reviewed_by=fields.optional_text("reviewed_by"),
        opening=opening,
        sections=sections,
        extra=fields.rest() if path.name.startswith("home.") else {},
    )
    fields.close()
    return page


def read_prevention_page(path: Path) -> PageFile:
    """A page of the prevention library; its translation carries only the fields with text. Raises StarterError."""
    source, fields, body, offset = _read(path)
    opening, sections = _read_body(body, path, offset)
    translation = language_of(path) != "en"
    page = PageFile(
        source=source,
        slug=fields.slug("slug"),
        title=fields.text("title"),
        browser_title=fields.text("browser_title"),
        summary=fields.text("summary"),
        topics=fields.texts("topics", ()),
        audience="" if translation else fields.one_of("audience", ReaderAudience.values),
        written=fields.flag("written", True if translation else ...),
        law_as_of=fields.day("law_as_of"),
        review_by=fields.day("review_by"),
        reviewed_by=fields.optional_text("reviewed_by"),
        printable=fields.flag("printable", True),
        opening=opening,
        sections=sections,
    )
    fields.close()
    if page.written and not (opening or sections):
        raise StarterError(path, offset + 1, "A written page needs a text.")
    return page


def read_quiz(path: Path, *, modules: Collection[str]) -> QuizFile:
    """The questions beside a course; each names one of the ``modules`` by slug. Raises StarterError."""
    text, source = _read_text(path)
    fields = Fields(_load_yaml(text, path), path, 1)
    questions = tuple(
        _read_question(Fields(entry, path, fields.mapping.lines["questions"]), modules)
        for entry in fields.take("questions", list, "a list of questions")
    )
    quiz = QuizFile(source, fields.text("title"), fields.number("pass_percent", range(1, 101), 80), questions)
    fields.close()
    seen: set[str] = set()
    for question in questions:
        if question.code in seen:
            raise StarterError(path, question.line, f"The id {question.code!r} is given twice.")
        seen.add(question.code)
    return quiz


def _read_question(fields: Fields, modules: Collection[str]) -> QuestionEntry:
    question = QuestionEntry(
        code=fields.slug("id"),
        kind=fields.one_of("kind", QUESTION_KINDS),
        topic=fields.optional_text("topic"),
        module=fields.one_of("module", modules),
        stem=fields.markdown("stem"),
        explanation=fields.markdown("explanation") if "explanation" in fields.mapping else "",
        choices=tuple(
            _read_choice(Fields(entry, fields.path, fields.mapping.lines["choices"]))
            for entry in fields.take("choices", list, "a list of choices")
        ),
        line=fields.mapping.line,
    )
    fields.close()
    rights = sum(choice.right for choice in question.choices)
    texts = [choice.text for choice in question.choices]
    if len(set(texts)) < max(2, len(texts)):
        raise fields.error("choices", "A question needs at least two choices, each with a text of its own.")
    if question.kind == "true_false" and texts != ["True", "False"]:
        raise fields.error("choices", 'A true_false question has the two choices "True" and "False", in this order.')
    if rights != 1 and question.kind != "multiple":
        raise fields.error("choices", f"Exactly one choice is `right: true`, not {rights}.")
    if not rights:
        raise fields.error("choices", "At least one choice is `right: true`.")
    return question


def _read_choice(fields: Fields) -> ChoiceEntry:
    choice = ChoiceEntry(fields.text("text"), fields.flag("right", False), fields.text("feedback"))
    fields.close()
    return choice


def read_entries(path: Path, *keys: str) -> list[list[Fields]]:
    """The entries of each list in a YAML file of code lists, none where the list is absent. Raises StarterError."""
    text, _ = _read_text(path)
    top = Fields(_load_yaml(text, path), path, 1)
    lists = [
        [Fields(entry, path, top.mapping.lines[key]) for entry in top.take(key, list, "a list", [])] for key in keys
    ]
    top.close()
    return lists


def read_settings(path: Path) -> Located:
    """A YAML file of named values as it was written. Raises StarterError."""
    text, _ = _read_text(path)
    return Fields(_load_yaml(text, path), path, 1).mapping


def list_modules(folder: Path) -> list[Path]:
    """The module files of a course's folder in their order: 01-….md, 02-….md and so on."""
    return sorted(
        path for path in folder.glob("*.md") if _MODULE_NAME.fullmatch(path.name) and language_of(path) == "en"
    )


def language_of(path: Path) -> str:
    """``es`` for page.es.md, ``en`` for page.md."""
    return path.suffixes[-2].lstrip(".") if len(path.suffixes) > 1 else "en"


def twin_of(path: Path, language: str = "es") -> Path | None:
    """The translation beside a file, when there is one."""
    twin = path.with_suffix(f".{language}{path.suffix}")
    return twin if twin.exists() else None


def check_twin(page: PageFile, twin: PageFile) -> None:
    """Raise StarterError at the first place where a translation's shape is not the original's."""
    here = twin.source.path
    if len(page.topics) != len(twin.topics):
        raise StarterError(here, 1, f"`topics` must have {len(page.topics)} entries, as in English.")
    _check_blocks(page.opening, twin.opening, here, 1)
    for section, other in zip(page.sections, twin.sections, strict=False):
        _check_blocks(section.blocks, other.blocks, here, other.line)
    if len(page.sections) != len(twin.sections):
        line = twin.sections[-1].line if twin.sections else 1
        raise StarterError(
            here, line, f"There are {len(twin.sections)} sections here, {len(page.sections)} in English."
        )


def _check_blocks(blocks: Iterable[Block], others: Iterable[Block], path: Path, line: int) -> None:
    blocks, others = list(blocks), list(others)
    for block, other in zip(blocks, others, strict=False):
        if block.kind != other.kind or block.shape != other.shape:
            raise StarterError(
                path,
                other.line,
                f"The {other.kind} here has not the paragraphs, list items and fields of the English one.",
            )
    if len(blocks) != len(others):
        raise StarterError(path, line, f"This part has {len(others)} blocks, the English one {len(blocks)}.")


# --- front matter and body


def _read_text(path: Path) -> tuple[str, Source]:
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise StarterError(path, 1, f"The file can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise StarterError(path, line, "The file is not text in UTF-8.") from error
    return text.replace("\r\n", "\n"), Source(path, hashlib.sha256(content).hexdigest())


def _read(path: Path) -> tuple[Source, Fields, str, int]:
    """The source, the front matter, the body, and how many lines stand above the body."""
    text, source = _read_text(path)
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise StarterError(path, 1, "The file must start with front matter between two lines `---`.")
    try:
        end = lines.index("---", 1)
    except ValueError as error:
        raise StarterError(path, 1, "The front matter has no closing line `---`.") from error
    fields = Fields(_load_yaml("\n".join(lines[1:end]), path, offset=1), path, 1)
    return source, fields, "\n".join(lines[end + 1 :]), end + 1


class _Heading(NamedTuple):
    title: str
    line: int


def _read_body(body: str, path: Path, offset: int) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
    """What stands before the first ``##``, and the sections; ``offset`` lines of the file stand above the body."""
    opening: list[Block] = []
    found: dict[str, tuple[_Heading, list[Block]]] = {}
    blocks = opening
    for piece in _pieces(body, path, offset):
        if isinstance(piece, Block):
            blocks.append(piece)
            continue
        slug = slugify(piece.title)
        if not slug or slug in found:
            raise StarterError(path, piece.line, f"Each section needs a title of its own, not {piece.title!r}.")
        blocks = []
        found[slug] = (piece, blocks)
    for heading, held in found.values():
        if not held:
            raise StarterError(path, heading.line, f"The section {heading.title!r} is empty.")
    sections = (Section(slug, heading.title, tuple(held), heading.line) for slug, (heading, held) in found.items())
    return tuple(opening), tuple(sections)


def _pieces(body: str, path: Path, offset: int) -> Iterator[_Heading | Block]:
    """Section headings, fenced blocks, and the runs of prose between them."""
    lines = body.split("\n")
    tokens = starter_text.parse(body)
    prose_from: int | None = None
    for position, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        start = token.map[0]
        line = offset + start + 1
        heading = token.type == "heading_open" and token.tag in ("h1", "h2")
        if not heading and not (token.type == "fence" and token.info.strip() in _BLOCKS):
            prose_from = start if prose_from is None else prose_from
            continue
        if prose_from is not None:
            yield _read_prose(lines[prose_from:start], path, offset + prose_from)
            prose_from = None
        if not heading:
            yield _read_block(token.info.strip(), token.content, path, line)
        elif token.tag == "h1":
            raise StarterError(path, line, "The title stands in the front matter; a section starts with ##.")
        else:
            yield _Heading(tokens[position + 1].content, line)
    if prose_from is not None:
        yield _read_prose(lines[prose_from:], path, offset + prose_from)


def _read_prose(lines: list[str], path: Path, above: int) -> Block:
    text = "\n".join(lines).rstrip()
    try:
        starter_text.to_html(text)
    except MarkdownError as error:
        raise StarterError(path, above + error.line + 1, error.reason) from error
    return Block(PROSE, {"text": text}, above + 1)


# --- fenced blocks


def _read_block(kind: str, content: str, path: Path, line: int) -> Block:
    fields = Fields(_load_yaml(content, path, offset=line), path, line)
    values = _BLOCKS[kind](fields)
    fields.close()
    return Block(kind, values, line)


def _read_callout(fields: Fields) -> dict[str, Any]:
    return {"title": fields.text("title"), "text": fields.markdown("text")}


def _read_checklist(fields: Fields) -> dict[str, Any]:
    return {"title": fields.text("title"), "items": list(fields.texts("items"))}


def _read_reflection(fields: Fields) -> dict[str, Any]:
    return {"prompt": fields.text("prompt")}


def _read_glossary(fields: Fields) -> dict[str, Any]:
    return {"term": fields.text("term"), "meaning": fields.text("meaning")}


def _read_trainer_note(fields: Fields) -> dict[str, Any]:
    return {"text": fields.markdown("text")}


def _read_sensitive(fields: Fields) -> dict[str, Any]:
    return {"note": fields.text("note"), "text": fields.markdown("text"), "summary": fields.markdown("summary")}


def _read_handout(fields: Fields) -> dict[str, Any]:
    return {"title": fields.text("title"), "text": fields.markdown("text")}


def _read_practice(fields: Fields) -> dict[str, Any]:
    steps = [
        Fields(step, fields.path, fields.mapping.lines["steps"])
        for step in fields.take("steps", list, "a list of steps")
    ]
    practice = {
        "title": fields.text("title"),
        "minutes": fields.number("minutes", PRACTICE_MINUTES),
        "intro": fields.markdown("intro"),
        "steps": [_read_step(step) for step in steps],
    }
    _check_steps(steps, practice["steps"])
    return practice


def _read_step(fields: Fields) -> dict[str, Any]:
    choices = [
        Fields(choice, fields.path, fields.mapping.lines["choices"])
        for choice in fields.take("choices", list, "a list of choices")
    ]
    step = {
        "id": fields.slug("id"),
        "text": fields.markdown("text"),
        "choices": [_read_practice_choice(choice) for choice in choices],
    }
    fields.close()
    if len(choices) < 2:
        raise fields.error("choices", "A step needs at least two choices.")
    return step


def _read_practice_choice(fields: Fields) -> dict[str, Any]:
    choice = {
        "text": fields.text("text"),
        "feedback": fields.markdown("feedback"),
        "goto": fields.optional_text("goto"),
    }
    fields.close()
    return choice


def _check_steps(fields: list[Fields], steps: list[dict[str, Any]]) -> None:
    """A case goes forward only: each choice leads to a step below its own, and every step but the first is reached."""
    names = [step["id"] for step in steps]
    reached = set(names[:1])
    for position, (here, step) in enumerate(zip(fields, steps, strict=True)):
        if names.index(step["id"]) < position:
            raise here.error("id", f"The step {step['id']!r} is given twice.")
        for choice in step["choices"]:
            goto = choice["goto"]
            if goto and goto not in names:
                raise here.error("choices", f"There is no step {goto!r} to go to.")
            if goto and names.index(goto) <= position:
                raise here.error("choices", f"A case goes forward only, and {goto!r} is not below {step['id']!r}.")
            reached.add(goto)
    for here, step in zip(fields, steps, strict=True):
        if step["id"] not in reached:
            raise here.error("id", f"No choice leads to the step {step['id']!r}.")


_BLOCKS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "callout": _read_callout,
    "checklist": _read_checklist,
    "reflection": _read_reflection,
    "glossary": _read_glossary,
    "trainer-note": _read_trainer_note,
    "sensitive": _read_sensitive,
    "handout": _read_handout,
    "practice": _read_practice,
}
