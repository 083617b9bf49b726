"""`python -m tests.web.hold DATA SECONDS`: holds the write lock, as a program gone astray would."""

import sys
import time
from pathlib import Path

from microrelief.web.start import prepare, set_up

if __name__ == "__main__":
    prepare(Path(sys.argv[1]), create=False)
    set_up()
    from django.db import connection, transaction

    from microrelief.web.audit.trail import wait_for_turn

    with transaction.atomic():
        wait_for_turn()
        if connection.vendor == "postgresql":
            connection.cursor().execute("LOCK TABLE people_sentonce IN ACCESS EXCLUSIVE MODE")
        print("held", flush=True)
        time.sleep(float(sys.argv[2]))
