# What each day of a laboratory comes to: counts, cases, times by class; a day of steps is read without the others.

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0048_improvement"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndicatorCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("code", models.TextField(help_text="an indicator's, or time: and a leg's")),
                ("at", models.DateTimeField()),
                ("minutes", models.IntegerField(null=True)),
                (
                    "label",
                    models.TextField(
                        blank=True, default="", help_text="what else tells it apart: a test, a round"
                    ),
                ),
            ],
            options={
                "db_table": "indicator_case",
            },
        ),
        migrations.CreateModel(
            name="IndicatorDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(help_text="by the laboratory's clock")),
                ("code", models.TextField()),
                ("numerator", models.IntegerField()),
                ("denominator", models.IntegerField()),
            ],
            options={
                "db_table": "indicator_day",
            },
        ),
        migrations.CreateModel(
            name="IndicatorDue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
            ],
            options={
                "db_table": "indicator_due",
            },
        ),
        migrations.CreateModel(
            name="IndicatorProgress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("looked_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField(null=True)),
                ("event_id", models.BigIntegerField(default=0)),
                ("index_id", models.BigIntegerField(default=0)),
                ("report_id", models.BigIntegerField(default=0)),
                ("score_id", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "indicator_progress",
            },
        ),
        migrations.CreateModel(
            name="LegDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("leg", models.TextField()),
                ("urgency", models.TextField()),
                ("bucket", models.SmallIntegerField(help_text="-1: the times contradict each other")),
                ("tubes", models.IntegerField()),
            ],
            options={
                "db_table": "leg_day",
            },
        ),
        migrations.AddIndex(
            model_name="specimenevent",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["recorded_at"], name="specimen_event_by_time", pages_per_range=32
            ),
        ),
        migrations.AddIndex(
            model_name="specimenindex",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["measured_at"], name="specimen_index_by_time", pages_per_range=32
            ),
        ),
        migrations.AddField(
            model_name="indicatorcase",
            name="laboratory",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="indicatorcase",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.order",
            ),
        ),
        migrations.AddField(
            model_name="indicatorcase",
            name="ordering_site",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="indicatorcase",
            name="specimen",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.specimen",
            ),
        ),
        migrations.AddField(
            model_name="indicatorday",
            name="laboratory",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="indicatorday",
            name="ordering_site",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="indicatordue",
            name="laboratory",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="indicatorprogress",
            name="laboratory",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="aliquot.site"
            ),
        ),
        migrations.AddField(
            model_name="legday",
            name="laboratory",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddField(
            model_name="legday",
            name="ordering_site",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aliquot.site",
            ),
        ),
        migrations.AddIndex(
            model_name="indicatorcase",
            index=models.Index(fields=["laboratory", "code", "day"], name="indicator_case_list"),
        ),
        migrations.AddConstraint(
            model_name="indicatorday",
            constraint=models.UniqueConstraint(
                fields=("laboratory", "day", "code", "ordering_site"), name="indicator_day_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="indicatordue",
            constraint=models.UniqueConstraint(fields=("laboratory", "day"), name="indicator_due_once"),
        ),
        migrations.AddConstraint(
            model_name="legday",
            constraint=models.UniqueConstraint(
                fields=("laboratory", "day", "leg", "ordering_site", "urgency", "bucket"), name="leg_day_once"
            ),
        ),
    ]
