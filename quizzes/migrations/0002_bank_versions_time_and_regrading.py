"""Every kind of question, versions, time and attempts, regrading; what was answered stays as it is."""

import django.core.validators
import django.db.models.deletion
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.state import StateApps


def count_questions(apps: StateApps, schema_editor: object) -> None:
    """Every attempt so far was graded on all of its questions."""
    apps.get_model("quizzes", "Attempt").objects.update(question_count=models.F("max_score"))


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0001_initial"),
        ("quizzes", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tag", models.CharField(max_length=60, verbose_name="tag")),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="how many"
                    ),
                ),
            ],
            options={
                "verbose_name": "draw",
                "verbose_name_plural": "draws",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="QuestionVariant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("es", "Spanish")], max_length=10, verbose_name="language"
                    ),
                ),
                ("stem", models.TextField(verbose_name="question")),
                ("explanation", models.TextField(blank=True, verbose_name="explanation")),
                ("texts", models.TextField(blank=True, verbose_name="texts")),
                ("matches", models.TextField(blank=True, verbose_name="what matches them")),
                ("feedback", models.TextField(blank=True, verbose_name="feedback")),
            ],
            options={
                "verbose_name": "variant in another language",
                "verbose_name_plural": "variants in other languages",
                "ordering": ["language"],
            },
        ),
        migrations.CreateModel(
            name="QuestionVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("first_drawn_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Regrade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="reason")),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="RegradedAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score_before", models.DecimalField(decimal_places=2, max_digits=7)),
                ("score_after", models.DecimalField(decimal_places=2, max_digits=7)),
                ("passed_before", models.BooleanField()),
                ("passed_after", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "Applied"),
                            ("waiting", "Waits for a coordinator: it would take a pass away"),
                            ("upheld", "The pass stands"),
                            ("withdrawn", "The pass was taken away"),
                        ],
                        max_length=20,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("decision", models.TextField(blank=True, verbose_name="reason of the decision")),
            ],
        ),
        migrations.CreateModel(
            name="TimeExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "extra_percent",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(900),
                        ]
                    ),
                ),
                ("granted_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="attempt_graded_when_submitted",
        ),
        migrations.AddField(
            model_name="attempt",
            name="deadline_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="feedback",
            field=models.CharField(
                choices=[
                    ("now", "After each answer, which closes it"),
                    ("at_end", "After handing in, with the right answers"),
                    ("after_passing", "After handing in; the right answers after passing"),
                ],
                default="after_passing",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="language",
            field=models.CharField(default="en", max_length=10),
        ),
        migrations.AddField(
            model_name="attempt",
            name="question_count",
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="choice",
            name="match",
            field=models.CharField(blank=True, max_length=500, verbose_name="what matches it"),
        ),
        migrations.AddField(
            model_name="choice",
            name="share",
            field=models.DecimalField(
                blank=True,
                decimal_places=5,
                max_digits=8,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(-100),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="share of the point in percent",
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="drawn_only",
            field=models.BooleanField(default=False, verbose_name="asked only when drawn by a tag"),
        ),
        migrations.AddField(
            model_name="question",
            name="grid_topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.gridtopic",
                verbose_name="topic of the work-scope grid",
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="keep_order",
            field=models.BooleanField(default=False, verbose_name="never shuffle its choices"),
        ),
        migrations.AddField(
            model_name="question",
            name="language",
            field=models.CharField(
                choices=[("en", "English"), ("es", "Spanish")], default="en", max_length=10, verbose_name="language"
            ),
        ),
        migrations.AddField(
            model_name="question",
            name="objective",
            field=models.CharField(blank=True, max_length=300, verbose_name="learning objective"),
        ),
        migrations.AddField(
            model_name="question",
            name="tags",
            field=models.CharField(blank=True, max_length=200, verbose_name="tags"),
        ),
        migrations.AddField(
            model_name="question",
            name="tolerance",
            field=models.DecimalField(
                blank=True,
                decimal_places=8,
                max_digits=20,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="tolerance",
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="attempts_allowed",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name="attempts"
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="closes_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closes"),
        ),
        migrations.AddField(
            model_name="quiz",
            name="cool_off_hours",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="hours between attempts"),
        ),
        migrations.AddField(
            model_name="quiz",
            name="feedback",
            field=models.CharField(
                choices=[
                    ("now", "After each answer, which closes it"),
                    ("at_end", "After handing in, with the right answers"),
                    ("after_passing", "After handing in; the right answers after passing"),
                ],
                default="after_passing",
                max_length=20,
                verbose_name="feedback",
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="kind",
            field=models.CharField(
                choices=[("quiz", "Quiz, graded"), ("survey", "Survey, not graded")],
                default="quiz",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="quiz",
            name="opens_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="opens"),
        ),
        migrations.AddField(
            model_name="quiz",
            name="shuffle_choices",
            field=models.BooleanField(default=True, verbose_name="shuffle the choices"),
        ),
        migrations.AddField(
            model_name="quiz",
            name="shuffle_questions",
            field=models.BooleanField(default=False, verbose_name="shuffle the questions"),
        ),
        migrations.AddField(
            model_name="quiz",
            name="time_limit_minutes",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="time limit in minutes",
            ),
        ),
        migrations.AddField(
            model_name="response",
            name="page",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="response",
            name="points",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True),
        ),
        migrations.AddField(
            model_name="response",
            name="revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="response",
            name="sequence",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="choice",
            name="text",
            field=models.CharField(blank=True, max_length=500, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="question",
            name="kind",
            field=models.CharField(
                choices=[
                    ("single", "One answer"),
                    ("multiple", "Several answers"),
                    ("true_false", "True or false"),
                    ("matching", "Matching"),
                    ("ordering", "Put in order"),
                    ("short_text", "Short text"),
                    ("numeric", "Number"),
                    ("likert", "Agreement (surveys)"),
                    ("free_text", "Free text (surveys)"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.RunPython(count_questions, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("submitted_at", None)), fields=["deadline_at"], name="attempt_open_by_deadline"
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("passed", None), ("score", None), ("submitted_at", None)),
                    models.Q(("passed__isnull", False), ("score__isnull", False), ("submitted_at__isnull", False)),
                    models.Q(("max_score", 0), ("passed", None), ("score", 0), ("submitted_at__isnull", False)),
                    _connector="OR",
                ),
                name="attempt_graded_when_submitted",
            ),
        ),
        migrations.AddConstraint(
            model_name="quiz",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_at", None), ("closes_at", None), ("closes_at__gt", models.F("opens_at")), _connector="OR"
                ),
                name="quiz_opens_before_it_closes",
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="quiz",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="draws", to="quizzes.quiz"
            ),
        ),
        migrations.AddField(
            model_name="draw",
            name="source",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="quizzes.quiz",
                verbose_name="out of another quiz",
            ),
        ),
        migrations.AddField(
            model_name="questionvariant",
            name="question",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="variants", to="quizzes.question"
            ),
        ),
        migrations.AddField(
            model_name="questionversion",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="quizzes.question"
            ),
        ),
        migrations.AddField(
            model_name="attemptquestion",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempt_questions",
                to="quizzes.questionversion",
            ),
        ),
        migrations.AddField(
            model_name="regrade",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="regrade",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="regrades", to="quizzes.question"
            ),
        ),
        migrations.AddField(
            model_name="regrade",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="quizzes.questionversion"
            ),
        ),
        migrations.AddField(
            model_name="regradedattempt",
            name="attempt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="regrades", to="quizzes.attempt"
            ),
        ),
        migrations.AddField(
            model_name="regradedattempt",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="regradedattempt",
            name="regrade",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="quizzes.regrade"
            ),
        ),
        migrations.AddField(
            model_name="timeextension",
            name="granted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="timeextension",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="time_extensions", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="timeextension",
            name="quiz",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="time_extensions",
                to="quizzes.quiz",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionvariant",
            constraint=models.UniqueConstraint(fields=("question", "language"), name="question_variant_unique"),
        ),
        migrations.AddConstraint(
            model_name="questionversion",
            constraint=models.UniqueConstraint(fields=("question", "number"), name="question_version_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="questionversion",
            constraint=models.UniqueConstraint(fields=("question", "digest"), name="question_version_digest_unique"),
        ),
        migrations.AddConstraint(
            model_name="regrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="regrade_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="regradedattempt",
            constraint=models.UniqueConstraint(fields=("regrade", "attempt"), name="regraded_attempt_unique"),
        ),
        migrations.AddConstraint(
            model_name="timeextension",
            constraint=models.UniqueConstraint(fields=("person", "quiz"), name="time_extension_unique_for_quiz"),
        ),
        migrations.AddConstraint(
            model_name="timeextension",
            constraint=models.UniqueConstraint(
                condition=models.Q(("quiz", None)), fields=("person",), name="time_extension_unique_for_all"
            ),
        ),
    ]
