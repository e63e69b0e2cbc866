# The index of an order's results carries the id, which says in which months to look. An order's tests are
# found by the constraint that keeps each once, and leave room on their pages: a release touches no index.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aliquot", "0034_added_by_people_and_grades"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="result",
            index=models.Index(fields=["order", "order_item", "id"], name="result_of_order"),
        ),
        migrations.AlterField(
            model_name="result",
            name="order",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="aliquot.order",
            ),
        ),
        migrations.AlterField(
            model_name="orderitem",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="aliquot.order",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE order_item SET (fillfactor = 70)", "ALTER TABLE order_item RESET (fillfactor)"
        ),
    ]
