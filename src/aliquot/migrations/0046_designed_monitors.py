# Monitors are tried on own results by a process of its own; every candidate is kept with what was asked.

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0045_contents_as_written"),
    ]

    operations = [
        # written anew with every batch of results: pages keep room for the next rows
        migrations.RunSQL(
            "ALTER TABLE monitor_state SET (fillfactor = 40); ALTER TABLE control_count SET (fillfactor = 40);",
            "ALTER TABLE monitor_state RESET (fillfactor); ALTER TABLE control_count RESET (fillfactor);",
        ),
        migrations.AlterField(
            model_name="monitoralarm",
            name="cause",
            field=models.TextField(
                blank=True,
                choices=[
                    ("calibration", "calibration"),
                    ("reagent", "reagent"),
                    ("analyzer", "analyzer: part, lamp, needle, temperature"),
                    ("water", "water or environment"),
                    ("specimens", "specimens: transport, tube, spinning"),
                    ("patients", "other patients than usual: a ward, a screening"),
                    ("monitor", "the monitor: limits or block do not suit"),
                    ("chance", "chance: nothing found"),
                ],
                default="",
            ),
        ),
        migrations.CreateModel(
            name="MonitorDesign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("tea", models.FloatField(help_text="allowable error as a share of the value")),
                (
                    "alarms_per_day",
                    models.FloatField(help_text="false alarms a day that the laboratory can live with"),
                ),
                ("inclusion", models.JSONField(default=dict, help_text="as of the monitor")),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.TextField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "waits to begin"),
                            ("running", "running"),
                            ("finished", "finished"),
                            ("failed", "no monitor came of it"),
                        ],
                        default="queued",
                    ),
                ),
                ("done", models.IntegerField(default=0, help_text="candidates tried so far")),
                ("total", models.IntegerField(default=0)),
                (
                    "beat_at",
                    models.DateTimeField(help_text="when the process last said how far it is", null=True),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("fault", models.TextField(blank=True, default="", help_text="why no monitor came of it")),
                (
                    "candidates",
                    models.JSONField(default=list, help_text="the record of each, the best first"),
                ),
                (
                    "failed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        default=list,
                        help_text="why some could not be tried",
                        size=None,
                    ),
                ),
                (
                    "analyzer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aliquot.analyzer",
                    ),
                ),
                (
                    "laboratory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aliquot.site",
                    ),
                ),
                (
                    "monitor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="designs",
                        to="aliquot.patientmonitor",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aliquot.person",
                    ),
                ),
                (
                    "test",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="aliquot.test",
                    ),
                ),
            ],
            options={
                "db_table": "monitor_design",
                "indexes": [models.Index(fields=["laboratory", "-asked_at"], name="monitor_design_list")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="monitor_design_forward"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("alarms_per_day__gt", 0), ("tea__gt", 0)),
                        name="monitor_design_asks",
                    ),
                ],
            },
        ),
    ]
