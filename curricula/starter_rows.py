"""Starter files that become plain rows: code lists, external programs, a course's own row, its quiz."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db.models import Model

from curricula import starter_files, starter_text
from curricula.enums import CourseKind, CourseLevel
from curricula.models import Course, HelpSettings
from curricula.starter_files import CourseFile, Fields, QuestionEntry, QuizFile, StarterError
from curricula.starter_stream import block_id
from lms.agencies.enums import StaffLevel, TopicSide
from lms.agencies.models import AgencyKind, GridTopic, JobRole
from quizzes.models import Choice, Question, Quiz

POSITIONS = range(10_000)


def digest_of(values: Mapping[str, Any]) -> str:
    """SHA-256 of an entry's values, for entries that share a file."""
    text = json.dumps(values, sort_keys=True, default=lambda row: row.code)
    return hashlib.sha256(text.encode()).hexdigest()


class RowEntry:
    """One entry of a code list: what it says of which row."""

    def __init__(self, model: type[Model], code: str, values: dict[str, Any]) -> None:
        self.model = model
        self.code = code
        self.values = values
        self.digest = digest_of(values)

    def find(self) -> Model | None:
        return self.model._default_manager.filter(code=self.code).first()

    def differs(self, row: Model) -> bool:
        return any(_stored(row, name) != _comparable(value) for name, value in self.values.items())

    def write(self, row: Model | None) -> Model:
        """Create the row, or change the one that is there."""
        row = row or self.model(code=self.code)
        many = {name: value for name, value in self.values.items() if isinstance(value, list)}
        for name, value in self.values.items():
            if name not in many:
                setattr(row, name, value)
        row.full_clean(exclude=list(many))
        row.save()
        for name, value in many.items():
            getattr(row, name).set(value)
        return row


def _stored(row: Model, name: str) -> Any:
    value = getattr(row, name)
    return {item.pk for item in value.all()} if hasattr(value, "all") else _comparable(value)


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return {item.pk for item in value}
    return value.pk if isinstance(value, Model) else value


def read_vocabulary(path: Path) -> Iterator[RowEntry]:
    """The rows of vocabulary.yaml. An entry may name a row before it, so each is written before the next is read."""
    lists = starter_files.read_entries(path, "agency_kinds", "job_roles", "grid_topics")
    for entries, read in zip(lists, (_kind_entry, _role_entry, _topic_entry), strict=True):
        for position, fields in enumerate(entries):
            yield read(fields, position)


def read_external(path: Path) -> Iterator[RowEntry]:
    """External programs: Course rows without pages."""
    (programs,) = starter_files.read_entries(path, "programs")
    for fields in programs:
        yield _external_entry(fields)


def _kind_entry(fields: Fields, position: int) -> RowEntry:
    values = {"name": fields.text("name"), "position": fields.number("position", POSITIONS, position)}
    return _entry(AgencyKind, fields, values)


def _role_entry(fields: Fields, position: int) -> RowEntry:
    values = {
        "title": fields.text("title"),
        "kind": _kind(fields) if fields.mapping.get("kind") else fields.take("kind", str, "a code", None),
        "level": fields.one_of("level", StaffLevel.values),
        "client_facing": fields.flag("client_facing", True),
        "position": fields.number("position", POSITIONS, position),
    }
    return _entry(JobRole, fields, values)


def _topic_entry(fields: Fields, position: int) -> RowEntry:
    values = {
        "title": fields.text("title"),
        "kind": _kind(fields),
        "side": fields.one_of("side", TopicSide.values),
        "position": fields.number("position", POSITIONS, position),
    }
    return _entry(GridTopic, fields, values)


def _external_entry(fields: Fields) -> RowEntry:
    values = {
        "title": fields.text("title"),
        "kind": CourseKind.EXTERNAL.value,
        "level": fields.one_of("level", CourseLevel.values) if fields.mapping.get("level") else "",
        "summary": fields.optional_text("summary"),
        "valid_months": fields.number("valid_months", range(1, 121), None),
        "certificate": fields.flag("certificate", False),
    }
    fields.taken.add("level")
    return _entry(Course, fields, values)


def _entry(model: type[Model], fields: Fields, values: dict[str, Any]) -> RowEntry:
    entry = RowEntry(model, fields.slug("code"), values)
    fields.close()
    return entry


def _kind(fields: Fields) -> AgencyKind:
    code = fields.text("kind")
    kind = AgencyKind.objects.filter(code=code).first()
    if kind is None:
        raise fields.error("kind", f"There is no agency kind {code!r}.")
    return kind


def course_entry(course: CourseFile) -> RowEntry:
    """The course's own row, without its prerequisites, which may not be loaded yet."""
    return RowEntry(
        Course,
        course.code,
        {
            "title": course.title,
            "kind": course.kind,
            "level": course.level,
            "summary": course.summary,
            "valid_months": course.valid_months,
            "certificate": course.certificate,
            "agency_kinds": by_code(AgencyKind, course.agencies, course, "agency kind"),
            "topics": by_code(GridTopic, course.topics, course, "grid topic"),
        },
    )


def by_code(model: type[Model], codes: tuple[str, ...], course: CourseFile, words: str) -> list[Any]:
    """The rows with these codes. Raises StarterError that names the first code without a row."""
    found = {row.code: row for row in model._default_manager.filter(code__in=codes)}  # type: ignore[attr-defined]
    for code in codes:
        if code not in found:
            raise StarterError(course.source.path, 1, f"There is no {words} {code!r}.")
    return [found[code] for code in codes]


class HelpEntry(RowEntry):
    """The numbers and sentences of the help box: one row for the site, for each kind of reader, in both languages."""

    def __init__(self, path: Path) -> None:
        top = Fields(starter_files.read_settings(path), path, 1)
        lines = {}
        for line in top.take("lines", list, "a list of lines"):
            fields = Fields(line, path, top.mapping.lines["lines"])
            lines[fields.text("key")] = fields
        order = Fields(top.take("order", starter_files.Located, "fields"), path, top.mapping.line)
        sentences = Fields(top.take("sentences", starter_files.Located, "fields"), path, top.mapping.line)
        values: dict[str, Any] = {
            "help_lines": _help_lines(lines, order, "caregivers"),
            "help_lines_youth": _help_lines(lines, order, "youth"),
        }
        for name, key in (
            ("confidentiality", "confidentiality"),
            ("reporting", "mandated_reporting"),
            ("phone_bill", "phone_bill"),
        ):
            sentence = Fields(sentences.take(key, starter_files.Located, "fields"), path, sentences.mapping.line)
            values |= {
                name: sentence.text("en"),
                f"{name}_es": sentence.text("es"),
                f"{name}_es_youth": sentence.text("es_youth"),
            }
        super().__init__(HelpSettings, "help", values)

    def find(self) -> HelpSettings | None:
        """The settings, unless nobody wrote a word into them yet."""
        settings = HelpSettings.objects.first()
        return settings if settings and (settings.help_lines or settings.confidentiality) else None

    def differs(self, row: Any) -> bool:
        stored = {name: getattr(row, name) for name in self.values}
        streams = {name: getattr(row, name).get_prep_value() for name in ("help_lines", "help_lines_youth")}
        return stored | streams != self.values

    def write(self, row: Model | None) -> HelpSettings:
        settings = HelpSettings.objects.first() or HelpSettings()
        for name, value in self.values.items():
            setattr(settings, name, value)
        for name in ("help_lines", "help_lines_youth"):
            stream = HelpSettings._meta.get_field(name).stream_block
            setattr(settings, name, stream.to_python(self.values[name]))
        settings.full_clean()
        settings.save()
        return settings


def _help_lines(lines: dict[str, Fields], order: Fields, reader: str) -> list[dict[str, Any]]:
    """The lines in the order that the file gives this reader. Raises StarterError for a key without a line."""
    keys = order.take(reader, list, "a list of keys")
    if unknown := [key for key in keys if key not in lines]:
        raise StarterError(order.path, order.mapping.lines[reader], f"There is no help line {unknown[0]!r}.")
    return [_help_line(lines[key], reader) for key in keys]


def _help_line(fields: Fields, reader: str) -> dict[str, Any]:
    def both(key: str) -> Fields:
        own = f"{key}_{reader}"
        key = own if own in fields.mapping else key
        return Fields(fields.take(key, starter_files.Located, "fields `en` and `es`"), fields.path, fields.mapping.line)

    line = {"href": fields.text("href"), "last_checked_on": str(fields.day("last_checked_on") or "")}
    for name, key in (
        ("label", "label"),
        ("name", "name"),
        ("text", "sub_text"),
        ("hours", "hours"),
        ("languages", "languages"),
    ):
        words = both(key)
        line |= {name: words.text("en"), f"{name}_es": words.text("es")}
    return {"type": "line", "id": str(block_id("help", reader, fields.text("key"))), "value": line}


# --- quizzes


def write_quiz(code: str, quiz_file: QuizFile) -> Quiz:
    """Write the quiz as its file says.

    A question keeps its row for ever, since attempts point to it (they carry a copy of its text): its text and choices
    change in place, and one that left the file is retired.
    """
    quiz: Quiz
    quiz, _ = Quiz.objects.update_or_create(
        code=code, defaults={"title": quiz_file.title, "pass_percent": quiz_file.pass_percent}
    )
    for position, entry in enumerate(quiz_file.questions):
        _write_question(quiz, entry, position)
    kept = [entry.code for entry in quiz_file.questions]
    Question.objects.filter(quiz=quiz).exclude(code__in=kept).update(retired=True)
    return quiz


def _write_question(quiz: Quiz, entry: QuestionEntry, position: int) -> None:
    question, _ = Question.objects.update_or_create(
        quiz=quiz,
        code=entry.code,
        defaults={
            "kind": entry.kind,
            "topic": entry.topic,
            "stem": starter_text.to_question_html(entry.stem),
            "explanation": starter_text.to_question_html(entry.explanation),
            "position": position,
            "retired": False,
        },
    )
    rows = list(Choice.objects.filter(question=question))
    for number, choice in enumerate(entry.choices):
        row = rows[number] if number < len(rows) else Choice(question=question)
        row.text, row.feedback = starter_text.to_plain(choice.text), starter_text.to_plain(choice.feedback)
        row.right, row.position = choice.right, number
        row.full_clean(exclude=["question"])
        row.save()
    for row in rows[len(entry.choices) :]:
        row.delete()
