# Who owns the data, who operates which site under which contract, who employs whom: dated rows.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What never overlaps is held by the database; spans are half-open, so the next begins where the last one ends.
SPANS = """
ALTER TABLE operation ADD CONSTRAINT operation_one_at_a_time EXCLUDE USING gist (
      int8range(site_id, site_id, '[]') WITH &&, tstzrange(since, until) WITH &&);
ALTER TABLE data_owner ADD CONSTRAINT data_owner_one_at_a_time EXCLUDE USING gist (
      tstzrange(since, until) WITH &&);
ALTER TABLE employment ADD CONSTRAINT employment_one_at_a_time EXCLUDE USING gist (
      int8range(person_id, person_id, '[]') WITH &&, int8range(organisation_id, organisation_id, '[]') WITH &&,
      tstzrange(since, until) WITH &&);
"""

# The one place that says who operates a site at a moment, and whether somebody's roles there carry rights then:
# nobody has to run anything when an operator changes. With the rights of whoever asks.
FUNCTIONS = """
CREATE FUNCTION operator_at(asked_site bigint, asked_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT o.operator_id FROM operation o
          WHERE o.site_id = asked_site AND o.since <= asked_at AND (o.until IS NULL OR o.until > asked_at)),
        (SELECT s.organisation_id FROM site s WHERE s.id = asked_site))
$$;
CREATE FUNCTION works_for_operator(asked_person bigint, asked_site bigint, asked_at timestamptz)
    RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM employment e
         WHERE e.person_id = asked_person AND e.since <= asked_at AND (e.until IS NULL OR e.until > asked_at)
           AND (e.organisation_id = operator_at(asked_site, asked_at)
                OR EXISTS (SELECT 1 FROM data_owner d
                            WHERE d.organisation_id = e.organisation_id
                              AND d.since <= asked_at AND (d.until IS NULL OR d.until > asked_at))))
$$;
"""

# Until now everybody worked for the organisation that the site belongs to.
EMPLOYED = """
INSERT INTO employment (person_id, organisation_id, since)
SELECT a.person_id, s.organisation_id, min(a.since)
  FROM assignment a JOIN site s ON s.id = a.site_id
 GROUP BY a.person_id, s.organisation_id;
"""
BACK = "DROP FUNCTION works_for_operator(bigint, bigint, timestamptz); DROP FUNCTION operator_at(bigint, timestamptz);"


class Migration(migrations.Migration):

    dependencies = [
        ('aliquot', '0057_allowable_errors'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assignment',
            name='role',
            field=models.TextField(choices=[('nurse', 'Nurse'), ('physician', 'Ordering physician'), ('courier', 'Courier'), ('receptionist', 'Reception'), ('technologist', 'Technologist'), ('laboratory_doctor', 'Laboratory doctor'), ('quality_manager', 'Quality manager'), ('hub_director', 'Hub director'), ('administrator', 'Administrator'), ('owner_officer', 'Officer of the data owner'), ('integration', 'Another system')]),
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField()),
                ('kind', models.TextField(choices=[('operation', 'operation of laboratories'), ('equipment', 'equipment and reagents'), ('other', 'other services')])),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('covers', models.TextField(blank=True, default='', help_text='what it covers, in its own words')),
                ('document_name', models.TextField(blank=True, default='')),
                ('document', models.BinaryField(null=True)),
                ('kept_at', models.DateTimeField()),
                ('kept_by', models.TextField()),
                ('contractor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
            ],
            options={
                'db_table': 'contract',
            },
        ),
        migrations.CreateModel(
            name='DataOwner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('basis', models.TextField(blank=True, default='', help_text='the law or act that says so')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
            ],
            options={
                'db_table': 'data_owner',
            },
        ),
        migrations.CreateModel(
            name='Employment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='employments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'employment',
            },
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(null=True)),
                ('contract', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.contract')),
                ('operator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='aliquot.organisation')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='aliquot.site')),
            ],
            options={
                'db_table': 'operation',
            },
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(fields=('customer', 'number'), name='contract_number'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='contract_in_order'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(('customer', models.F('contractor')), _negated=True), name='contract_of_two'),
        ),
        migrations.AddConstraint(
            model_name='dataowner',
            constraint=models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='data_owner_in_order'),
        ),
        migrations.AddConstraint(
            model_name='employment',
            constraint=models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='employment_in_order'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.CheckConstraint(condition=models.Q(('until', None), ('until__gt', models.F('since')), _connector='OR'), name='operation_in_order'),
        ),
        migrations.RunSQL(SPANS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTIONS, BACK),
        migrations.RunSQL(EMPLOYED, migrations.RunSQL.noop),
    ]
