"""The pages of an attempt, in the browser's words: GET shows, POST saves, submission is its own POST."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quizzes.models import Attempt, Response
from quizzes.services import submit_attempt

from . import urls
from .factories import NOW, answer, make_attempt, make_person, make_question, make_quiz, right_ids, wrong_ids

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.quizzes.urls")]


@pytest.fixture
def attempt() -> Attempt:
    return make_attempt()


@pytest.fixture
def reader(attempt: Attempt, client: Client) -> Client:
    client.force_login(attempt.person)
    return client


def address(attempt: Attempt, step: object) -> str:
    return f"/attempt/{attempt.pk}/{step}/"


def text_of(response: object) -> str:
    return html.unescape(response.content.decode())  # type: ignore[attr-defined]


def test_it_works(attempt: Attempt, reader: Client) -> None:
    urls.submitted.clear()
    for position in range(1, 5):
        page = reader.get(address(attempt, position))
        assert f"Question {position} of 4, {position - 1} answered" in text_of(page)
        page = reader.post(address(attempt, position), {"chosen": right_ids(attempt, position)})
        assert page["Location"] == address(attempt, position + 1 if position < 4 else "check")
    assert "All questions are answered" in text_of(reader.get(address(attempt, "check")))
    page = reader.post(address(attempt, "check"))
    assert page["Location"] == address(attempt, "result")
    assert "Passed: 4 of 4" in text_of(reader.get(page["Location"]))
    assert urls.submitted == [attempt.pk]


# --- a question


def test_one_choice_is_a_button_and_several_are_boxes(attempt: Attempt, reader: Client) -> None:
    page = text_of(reader.get(address(attempt, 1)))
    assert page.count('type="submit" name="chosen"') == 4
    assert "radio" not in page
    assert "Choose one answer." in page
    assert '<h1 id="stem">Stem of <em>one</em></h1>' in page
    page = text_of(reader.get(address(attempt, 2)))
    assert page.count('type="checkbox"') == 4
    assert "Choose every answer that fits." in page


def test_a_question_gives_nothing_away(attempt: Attempt, reader: Client) -> None:
    for position in range(1, 5):
        page = text_of(reader.get(address(attempt, position)))
        assert "Feedback" not in page
        assert "Explained" not in page


def test_a_saved_answer_is_shown_again(attempt: Attempt, reader: Client) -> None:
    assert "Saved" not in text_of(reader.get(address(attempt, 2)))
    chosen = right_ids(attempt, 2)
    reader.post(address(attempt, 2), {"chosen": chosen})
    page = reader.get(address(attempt, 2))
    checked = [int(line.key) for line in page.context["form"].lines() if line.is_chosen]
    assert sorted(checked) == chosen
    assert text_of(page).count(" checked") == 2
    assert "Saved " in text_of(page)


def test_nothing_is_kept_in_the_session(attempt: Attempt, reader: Client) -> None:
    before = Session.objects.get().get_decoded()
    reader.get(address(attempt, 1))
    reader.post(address(attempt, 1), {"chosen": right_ids(attempt, 1)})
    assert Session.objects.get().get_decoded() == before


def test_two_tabs_keep_their_places(attempt: Attempt, reader: Client) -> None:
    reader.get(address(attempt, 1))
    reader.get(address(attempt, 4))
    reader.post(address(attempt, 1), {"chosen": right_ids(attempt, 1), "current_step": "4"})
    assert list(Response.objects.values_list("question__position", flat=True)) == [1]


def test_questions_may_be_answered_in_any_order(attempt: Attempt, reader: Client) -> None:
    for position in (4, 2, 3, 1):
        reader.post(address(attempt, position), {"chosen": right_ids(attempt, position)})
    reader.post(address(attempt, "check"))
    attempt.refresh_from_db()
    assert attempt.score == 4


def test_saving_an_answer_takes_eight_queries(
    attempt: Attempt, reader: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for chosen, queries in ((right_ids, 8), (wrong_ids, 8), (wrong_ids, 7)):
        given = chosen(attempt, 1)
        with django_assert_num_queries(queries):
            reader.post(address(attempt, 1), {"chosen": given})


# --- refusals


@pytest.mark.parametrize("given", [{}, {"chosen": ""}, {"chosen": []}])
def test_an_empty_answer_is_asked_for_in_words(attempt: Attempt, reader: Client, given: dict[str, object]) -> None:
    page = reader.post(address(attempt, 1), given)
    assert page.status_code == 422
    assert "Choose an answer, then go on." in text_of(page)
    assert "<title>Error: Question 1 of 4" in text_of(page)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "choose",
    [
        lambda attempt: right_ids(attempt, 2),
        lambda attempt: [*right_ids(attempt, 1), *right_ids(attempt, 2)],
        lambda attempt: [*right_ids(attempt, 1), *wrong_ids(attempt, 1)],
        lambda attempt: ["0"],
        lambda attempt: ["-1"],
        lambda attempt: ["9" * 40],
        lambda attempt: ["abc"],
        lambda attempt: ["\u0661"],
        lambda attempt: ["\x00"],
    ],
)
def test_a_choice_that_is_not_offered_is_refused_with_the_way_back(
    attempt: Attempt, reader: Client, choose: Callable[[Attempt], list[object]]
) -> None:
    reader.post(address(attempt, 1), {"chosen": right_ids(attempt, 1)})
    before = list(Response.objects.values())
    page = reader.post(address(attempt, 1), {"chosen": choose(attempt)})
    assert page.status_code == 400
    assert "Nothing was saved" in text_of(page)
    assert f'href="{address(attempt, 1)}"' in text_of(page)
    assert list(Response.objects.values()) == before


@pytest.mark.parametrize("step", ["0", "5", "99", "-1", "01", "first", "submit", "1.0", "\u0661"])
def test_an_unknown_step_is_not_here(attempt: Attempt, reader: Client, step: str) -> None:
    assert reader.get(address(attempt, step)).status_code == 404
    assert reader.post(address(attempt, step), {"chosen": right_ids(attempt, 1)}).status_code == 404
    assert not Response.objects.exists()


@pytest.mark.parametrize("step", ["1", "check", "result", "99"])
def test_somebody_elses_attempt_is_not_here(attempt: Attempt, client: Client, step: str) -> None:
    client.force_login(make_person("otto"))
    assert client.get(address(attempt, step)).status_code == 404
    assert client.post(address(attempt, step), {"chosen": right_ids(attempt, 1)}).status_code == 404
    assert not Response.objects.exists()


@pytest.mark.parametrize("step", ["1", "check", "result", "99"])
def test_a_visitor_is_asked_to_sign_in(attempt: Attempt, client: Client, step: str) -> None:
    page = client.post(address(attempt, step), {"chosen": right_ids(attempt, 1)})
    assert page["Location"].startswith("/accounts/login/")


def test_a_merged_persons_attempt_belongs_to_the_survivor(attempt: Attempt, client: Client) -> None:
    survivor = make_person("otto")
    attempt.person.merged_into = survivor
    attempt.person.save()
    client.force_login(survivor)
    assert client.get(address(attempt, 1)).status_code == 200


# --- submitting


def test_open_questions_are_named_and_nothing_is_submitted(attempt: Attempt, reader: Client) -> None:
    reader.post(address(attempt, 2), {"chosen": right_ids(attempt, 2)})
    assert "1 of 4 questions are answered" in text_of(reader.get(address(attempt, "check")))
    page = reader.post(address(attempt, "check"))
    assert page.status_code == 422
    assert "Questions 1, 3, 4 have no answer yet." in text_of(page)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


@pytest.mark.parametrize("step", ["1", "4", "check", "result"])
def test_no_get_submits(attempt: Attempt, reader: Client, step: str) -> None:
    answer(attempt)
    reader.get(address(attempt, step), follow=True)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_a_second_submission_shows_the_same_result(attempt: Attempt, reader: Client) -> None:
    urls.submitted.clear()
    answer(attempt, wrong=(1,))
    first, second = (reader.post(address(attempt, "check"), follow=True) for _ in range(2))
    assert first.redirect_chain == second.redirect_chain == [(address(attempt, "result"), 302)]
    assert "Passed: 3 of 4" in text_of(second)
    assert urls.submitted == [attempt.pk]


def test_a_submission_whose_record_fails_is_undone(attempt: Attempt, reader: Client) -> None:
    answer(attempt)
    with pytest.raises(RuntimeError, match="could not be written"):
        reader.post(f"/failing/{attempt.pk}/check/")
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_submitted_attempts_questions_are_closed(attempt: Attempt, reader: Client, method: str) -> None:
    answer(attempt, wrong=(1, 2))
    submit_attempt(attempt=attempt, now=NOW)
    page = getattr(reader, method)(address(attempt, 1), {"chosen": right_ids(attempt, 1)})
    assert page.status_code == 409
    assert "already handed in" in text_of(page)
    assert f'href="{address(attempt, "result")}"' in text_of(page)
    assert attempt.questions.get(position=1).chosen == wrong_ids(attempt, 1)


def test_check_and_result_lead_to_each_other(attempt: Attempt, reader: Client) -> None:
    assert reader.get(address(attempt, "result"))["Location"] == address(attempt, "check")
    assert reader.post(address(attempt, "result"))["Location"] == address(attempt, "result")
    answer(attempt)
    submit_attempt(attempt=attempt, now=NOW)
    assert reader.get(address(attempt, "check"))["Location"] == address(attempt, "result")


# --- the result


def test_not_yet_keeps_the_key(attempt: Attempt, reader: Client) -> None:
    answer(attempt, wrong=(1, 2, 4))
    submit_attempt(attempt=attempt, now=NOW)
    page = text_of(reader.get(address(attempt, "result")))
    assert "Not yet: 1 of 4" in page
    assert "You need 3." in page
    assert "Three answers are worth another look." in page
    assert "Handed in Mar 2, 2026, 10:00" in page
    assert '<form method="post" action="/again/">' in page
    assert (page.count('class="st st-soon"'), page.count('class="st st-done"')) == (3, 1)
    for position in (1, 2, 4):
        for choice in attempt.questions.get(position=position).choices:
            chosen = choice["id"] in wrong_ids(attempt, position)
            assert (choice["text"] in page, choice["feedback"] in page) == (chosen, chosen)
    assert "Feedback truth a." in page
    assert "Explained" not in page


def test_not_yet_does_not_tell_a_right_choice_among_several_apart(client: Client) -> None:
    quiz = make_quiz(pass_percent=100)
    make_question(quiz, "more", "multiple", "ab", "cd", position=4)
    attempt = make_attempt(quiz)
    client.force_login(attempt.person)
    answer(attempt)
    mixed = {choice["text"]: choice["id"] for choice in attempt.questions.get(position=2).choices}
    client.post(address(attempt, 2), {"chosen": [mixed["several a"], mixed["several b"]]})
    client.post(address(attempt, 5), {"chosen": right_ids(attempt, 5)[:1]})
    page = text_of(client.post(address(attempt, "check"), follow=True))
    assert "Not yet: 3 of 5" in page
    assert "Feedback several b." in page
    assert "Feedback several a." not in page
    assert "Feedback more" not in page
    assert page.count("Select every answer that fits, and no other.") == 2


def test_passed_explains_every_question(attempt: Attempt, reader: Client) -> None:
    answer(attempt, wrong=(2,))
    submit_attempt(attempt=attempt, now=NOW)
    page = text_of(reader.get(address(attempt, "result")))
    assert "Passed: 3 of 4" in page
    assert "You needed 3." in page
    assert "One answer is worth another look." in page
    assert page.count("Explained: ") == 4
    assert "The right answers:" in page
    assert "<li>several a</li>" in page
    assert "<li>several c</li>" in page
    assert "/again/" not in page


def test_what_an_author_wrote_is_text(client: Client) -> None:
    quiz = make_quiz()
    quiz.questions.get(code="one").choices.update(text="<b>bold</b>", feedback="<script>x()</script>")
    attempt = make_attempt(quiz)
    client.force_login(attempt.person)
    assert "&lt;b&gt;bold" in client.get(address(attempt, 1)).content.decode()
    answer(attempt)
    submit_attempt(attempt=attempt, now=NOW)
    assert "<script>" not in client.get(address(attempt, "result")).content.decode()


@pytest.mark.parametrize("step", ["1", "check", "result"])
def test_pages_are_never_cached(attempt: Attempt, reader: Client, step: str) -> None:
    assert "no-store" in reader.get(address(attempt, step))["Cache-Control"]
