"""Loading the starter files: what is created, what a second run does, what is left alone, what is refused."""

from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.utils import timezone
from wagtail.models import Page, Revision, Site
from wagtail_localize.models import Translation

from curricula import starter_files
from curricula.models import (
    Course,
    CoursePage,
    HelpSettings,
    HomePage,
    ModulePage,
    PreventionPage,
    StandardPage,
    SurvivorReviewMissingError,
)
from curricula.starter_loader import STARTER_FOLDER, Report, load_curriculum, publish_written
from lms.agencies.models import AgencyKind, JobRole
from quizzes.models import AttemptQuestion, Question, Quiz
from quizzes.services import start_attempt

pytestmark = pytest.mark.django_db

COURSE = """\
---
code: first-course
title: First course
kind: core
level: awareness
size: full
summary: What it is
written: true
audience: {agencies: [all], text: Everyone}
pass_percent: 80
---
For **everyone**.
"""
MODULE = """\
---
slug: {slug}
title: Module {slug}
objectives: [Name the first step]
minutes: 10
---
## See

Look closely.

## Act

```reflection
prompt: What would you do?
```
"""
QUIZ = """\
title: Quiz
pass_percent: 80
questions:
  - id: one
    kind: single
    module: start
    stem: Which *one*?
    choices:
      - {text: This, right: true, feedback: "Yes."}
      - {text: That, feedback: Look again.}
  - id: two
    kind: true_false
    module: start
    stem: Is it so?
    choices:
      - {text: "True", right: true, feedback: "Yes."}
      - {text: "False", feedback: Look again.}
"""
LIBRARY = """\
---
title: A good friend
browser_title: Friends
slug: good-friends
audience: youth
topics: [friends, trust]
summary: What a good friend does.
written: true
---
## What to look for

A friend **listens**. More at [the library](/library/).

- They ask.
- They wait.
"""
BIBLIOTECA = """\
---
title: Una buena amistad
browser_title: Amistades
slug: buenas-amistades
topics: [amistades, confianza]
summary: Lo que hace una buena amistad.
---
## En qué fijarte

Una amistad **escucha**. Más en [la biblioteca](/es/biblioteca/).

- Preguntan.
- Esperan.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small starter folder: the frame, one course of two modules with a quiz, one page in two languages."""
    pages, library, course = (tmp_path / name for name in ("pages", "library", "first-course"))
    for path in (pages, library, course):
        path.mkdir()
    for slug in ("home", "courses", "library"):
        (pages / f"{slug}.md").write_text(f"---\ntitle: {slug.title()}\nslug: {slug}\nsummary: All of it.\n---\n")
    (pages / "privacy.md").write_text("---\ntitle: Privacy\nslug: privacy\n---\n## What is held\n\nNothing.\n")
    (course / "course.md").write_text(COURSE)
    (course / "01-start.md").write_text(MODULE.format(slug="start"))
    (course / "02-next.md").write_text(MODULE.format(slug="next"))
    (course / "quiz.yaml").write_text(QUIZ)
    (library / "friend.md").write_text(LIBRARY)
    (library / "friend.es.md").write_text(BIBLIOTECA)
    return tmp_path


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def outcome(report: Report) -> tuple[list[str], list[str], list[str], list[str]]:
    return report.created, report.changed, report.left_alone, report.refused


def test_it_works(folder: Path) -> None:
    report = load_curriculum(folder=folder)
    assert (report.refused, report.changed, report.left_alone) == ([], [], [])
    assert Site.objects.get(is_default_site=True).root_page.specific == HomePage.objects.get(locale__language_code="en")
    assert StandardPage.objects.get(slug="privacy").live
    course = Course.objects.get(code="first-course")
    page = CoursePage.objects.get(course=course)
    assert (page.live, page.slug, page.introduction) == (False, "first-course", "<p>For <b>everyone</b>.</p>")
    assert page.url == "/courses/first-course/"
    modules = ModulePage.objects.child_of(page).order_by("path")
    assert [(module.slug, module.live) for module in modules] == [("start", False), ("next", False)]
    assert [section.value["title"] for section in modules[0].body] == ["See", "Act"]
    assert course.quiz
    assert [question.code for question in course.quiz.questions.all()] == ["one", "two"]
    assert Question.objects.get(code="one").stem == "Which <em>one</em>?"
    assert not PreventionPage.objects.filter(live=True).exists()


def test_a_second_run_changes_nothing(folder: Path) -> None:
    first = load_curriculum(folder=folder)
    before = Revision.objects.count(), Page.objects.aggregate(Max("latest_revision_created_at"))
    second = load_curriculum(folder=folder)
    assert outcome(second) == ([], [], [], [])
    assert second.unchanged == len(first.created)
    assert before == (Revision.objects.count(), Page.objects.aggregate(Max("latest_revision_created_at")))


def test_an_edited_file_changes_its_page_only(folder: Path) -> None:
    load_curriculum(folder=folder)
    module = ModulePage.objects.get(slug="start")
    before = Revision.objects.count()
    edit(folder / "first-course" / "01-start.md", "Look closely.", "Look twice.")
    assert outcome(load_curriculum(folder=folder)) == ([], ["first-course/01-start.md"], [], [])
    assert Revision.objects.count() == before + 1
    module.refresh_from_db()
    changed = module.get_latest_revision_as_object()
    assert "Look twice." in str(changed.body.get_prep_value())
    assert [block.id for block in changed.body] == [block.id for block in module.body]


def test_a_page_edited_on_the_site_is_left_alone(folder: Path, cast) -> None:  # type: ignore[no-untyped-def]
    load_curriculum(folder=folder)
    page = StandardPage.objects.get(slug="privacy")
    page.title = "Privacy, as the county words it"
    page.save_revision(user=cast.editor, log_action=True).publish()
    assert outcome(load_curriculum(folder=folder)) == ([], [], ["pages/privacy.md"], [])
    edit(folder / "pages" / "privacy.md", "Nothing.", "Little.")
    assert outcome(load_curriculum(folder=folder)) == ([], [], ["pages/privacy.md"], [])
    page.refresh_from_db()
    assert page.title == "Privacy, as the county words it"

    assert outcome(load_curriculum(folder=folder, overwrite=True)) == ([], ["pages/privacy.md"], [], [])
    page.refresh_from_db()
    assert (page.title, page.live) == ("Privacy", True)
    assert "Little." in str(page.body.get_prep_value())
    assert outcome(load_curriculum(folder=folder)) == ([], [], [], [])


def test_a_broken_file_is_refused_whole_and_the_others_load(folder: Path) -> None:
    edit(folder / "first-course" / "02-next.md", "prompt:", "promt:")
    (folder / "vocabulary.yaml").write_text(
        "agency_kinds:\n  - {code: probation, name: Probation}\n"
        "job_roles:\n  - {code: deputy, title: Deputy, level: lord}\n"
    )
    edit(folder / "library" / "friend.es.md", "- Esperan.\n", "")
    report = load_curriculum(folder=folder)
    assert report.refused == [
        "vocabulary.yaml:4: `level` must be one of line, supervisor, manager, not 'lord'.",
        "first-course/02-next.md:14: `prompt` is missing.",
        "library/friend.es.md:10: The text here has not the paragraphs, list items and fields of the English one.",
    ]
    assert not AgencyKind.objects.filter(code="probation").exists()
    assert [page.slug for page in ModulePage.objects.all()] == ["start"]
    assert PreventionPage.objects.count() == 1
    edit(folder / "first-course" / "02-next.md", "promt:", "prompt:")
    assert load_curriculum(folder=folder).created == ["first-course/02-next.md"]


def test_what_a_block_does_not_allow_is_refused_with_its_line(folder: Path) -> None:
    edit(folder / "first-course" / "01-start.md", "What would you do?", "Why? " * 120)
    (refused,) = load_curriculum(folder=folder).refused[:1]
    assert refused.startswith("first-course/01-start.md:13: prompt: ")


def test_spanish_has_all_its_segments(folder: Path) -> None:
    load_curriculum(folder=folder)
    english = PreventionPage.objects.get(slug="good-friends")
    spanish = PreventionPage.objects.get(slug="buenas-amistades")
    assert spanish.translation_key == english.translation_key
    (translation,) = Translation.objects.filter(source__object_id=english.translation_key)
    done, total = translation.get_progress()
    assert done == total == 10
    assert (spanish.live, spanish.browser_title, spanish.audience) == (False, "Amistades", "youth")
    assert [topic.value for topic in spanish.topics] == ["amistades", "confianza"]
    text = spanish.body[0].value["content"][0].value.source
    assert '<b>escucha</b>. Más en <a href="/es/biblioteca/">la biblioteca</a>' in text
    assert spanish.body[0].id == english.body[0].id


def test_spanish_follows_both_files(folder: Path, cast) -> None:  # type: ignore[no-untyped-def]
    load_curriculum(folder=folder)
    spanish = PreventionPage.objects.get(slug="buenas-amistades")
    edit(folder / "library" / "friend.es.md", "Esperan.", "Saben esperar.")
    assert outcome(load_curriculum(folder=folder)) == ([], ["library/friend.es.md"], [], [])
    edit(folder / "library" / "friend.md", "They wait.", "They can wait.")
    assert outcome(load_curriculum(folder=folder)) == ([], ["library/friend.md", "library/friend.es.md"], [], [])
    spanish.refresh_from_db()
    assert "Saben esperar." in str(spanish.get_latest_revision_as_object().body.get_prep_value())
    assert [translation.get_progress() for translation in Translation.objects.all()] == [(10, 10)]

    spanish.get_latest_revision_as_object().save_revision(user=cast.editor)
    edit(folder / "library" / "friend.es.md", "Saben esperar.", "Esperan.")
    assert outcome(load_curriculum(folder=folder)) == ([], [], ["library/friend.es.md"], [])


def test_modules_stand_in_the_order_of_their_files(folder: Path) -> None:
    load_curriculum(folder=folder)
    course = folder / "first-course"
    (course / "02-next.md").rename(course / "03-next.md")
    (course / "02-between.md").write_text(MODULE.format(slug="between"))
    assert outcome(load_curriculum(folder=folder)) == (["first-course/02-between.md"], [], [], [])
    assert list(ModulePage.objects.order_by("path").values_list("slug", flat=True)) == ["start", "between", "next"]


def test_an_answered_question_keeps_its_row(folder: Path, cast) -> None:  # type: ignore[no-untyped-def]
    load_curriculum(folder=folder)
    quiz = Quiz.objects.get(code="first-course")
    start_attempt(quiz=quiz, person=cast.learner, context=uuid4(), now=timezone.now())
    rows = dict(Question.objects.values_list("code", "pk"))
    text = (folder / "first-course" / "quiz.yaml").read_text()
    text = text.replace("Which *one*?", "Which of them?").split("  - id: two")[0]
    (folder / "first-course" / "quiz.yaml").write_text(text)
    assert load_curriculum(folder=folder).changed == ["first-course/quiz.yaml"]
    assert dict(Question.objects.values_list("code", "pk")) == rows
    assert dict(Question.objects.values_list("code", "retired")) == {"one": False, "two": True}
    assert Question.objects.get(code="one").stem == "Which of them?"
    assert AttemptQuestion.objects.get(question__code="one").content["stem"] == "Which <em>one</em>?"


def test_code_lists_come_first_and_edited_rows_are_left_alone(folder: Path) -> None:
    vocabulary = folder / "vocabulary.yaml"
    vocabulary.write_text(
        "agency_kinds:\n  - {code: probation, name: Probation}\n"
        "job_roles:\n  - {code: deputy, title: Deputy, kind: probation, level: line}\n"
        "grid_topics:\n  - {code: probation-1, title: Signs, kind: probation, side: identification}\n"
    )
    (folder / "external.yaml").write_text("programs:\n  - {code: my-life, title: My Life, level: awareness}\n")
    AgencyKind.objects.create(code="probation", name="Probation and parole")
    report = load_curriculum(folder=folder)
    assert report.left_alone == ["vocabulary.yaml: probation"]
    assert Course.objects.get(code="my-life").kind == "external"
    edit(vocabulary, "title: Deputy", "title: Deputy officer")
    assert load_curriculum(folder=folder).changed == ["vocabulary.yaml: deputy"]
    assert JobRole.objects.get(code="deputy").title == "Deputy officer"


def test_publish_written_publishes_once_in_both_languages(folder: Path, settings) -> None:
    settings.DEMONSTRATION = True
    load_curriculum(folder=folder)
    now = timezone.now()
    titles = publish_written(actor=None, now=now, folder=folder)
    assert set(titles) == {"First course", "Module start", "Module next", "A good friend", "Una buena amistad"}
    course = Course.objects.get(code="first-course")
    assert course.current_version == 1
    assert publish_written(actor=None, now=now, folder=folder) == []
    assert outcome(load_curriculum(folder=folder)) == ([], [], [], [])
    course.refresh_from_db()
    assert course.current_version == 1


def test_publish_written_is_for_the_demonstration_alone(folder: Path) -> None:
    load_curriculum(folder=folder)
    with pytest.raises(SurvivorReviewMissingError):
        publish_written(actor=None, now=timezone.now(), folder=folder)
    assert not CoursePage.objects.live().exists()


def test_a_draft_stays_a_draft(folder: Path) -> None:
    edit(folder / "first-course" / "course.md", "written: true", "written: false")
    edit(folder / "library" / "friend.md", "written: true", "written: false")
    load_curriculum(folder=folder)
    assert publish_written(actor=None, now=timezone.now(), folder=folder) == []


def test_the_command_says_what_it_did(folder: Path) -> None:
    out = StringIO()
    call_command("load_curriculum", str(folder), stdout=out)
    assert "  first-course/02-next.md\n" in out.getvalue()
    assert out.getvalue().endswith("11 created, 0 changed, 0 unchanged, 0 left alone, 0 refused.\n")
    edit(folder / "pages" / "privacy.md", "## What", "# What")
    with pytest.raises(CommandError, match="1 refused; everything else is loaded"):
        call_command("load_curriculum", str(folder), stdout=out)
    assert "pages/privacy.md:5: The title stands in the front matter" in out.getvalue()
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("load_curriculum", str(folder / "nowhere"))


def test_the_projects_own_starter() -> None:
    report = load_curriculum()
    assert report.refused == []
    assert all(done == total for done, total in (each.get_progress() for each in Translation.objects.all()))
    assert HelpSettings.objects.get().help_lines
    before = Revision.objects.count()
    assert outcome(load_curriculum()) == ([], [], [], [])
    assert Revision.objects.count() == before


def written_modules() -> list[Path]:
    courses = [path for path in STARTER_FOLDER.glob("*/course.md") if starter_files.read_course(path).written]
    return [module for course in courses for module in starter_files.list_modules(course.parent)]


def test_written_modules_are_of_a_readable_length_and_ask_something_of_the_reader() -> None:
    modules = [starter_files.read_module(path) for path in written_modules()]
    assert modules
    for module in modules:
        assert 500 <= module.words <= 900, (module.slug, module.words)
        assert module.count("practice", "checklist", "reflection") >= 1, module.slug
