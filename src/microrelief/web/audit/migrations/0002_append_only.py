"""Triggers that refuse to change or delete what the trail says."""

from django.db import migrations

SQLITE = """CREATE TRIGGER audit_entry_no_{what} BEFORE {what} ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is only ever added to'; END $$
"""


def add(apps, schema_editor):
    run = schema_editor.execute
    if schema_editor.connection.vendor == "sqlite":
        for what in ("UPDATE", "DELETE"):
            run(SQLITE.format(what=what))
    else:
        run(POSTGRESQL_FUNCTION)
        run(
            "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()"
        )
        run(
            "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop, elidable=False)]
