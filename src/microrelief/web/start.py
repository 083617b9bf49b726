"""A data folder becomes a running site.

prepare() makes or checks the folder and the key, so that settings can be read; open_site() starts Django,
migrates and asks the live connection for its guarantees; serve() answers until it is stopped.
"""

import fcntl
import io
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from microrelief.errors import SettingsRefused
from microrelief.vault.durable import make_folder
from microrelief.vault.keys import KEY_FILE, ClinicKeys
from microrelief.web.configuration import Configuration, configuration
from microrelief.web.safety import refuse_unsafe

if TYPE_CHECKING:
    from microrelief.web.audit.verify import Finding

MEGABYTE = 2**20


def serve(data: Path | None, port: int | None, say: Callable[[str], None], *, demo: bool = False) -> None:
    """Open the site in the data folder and answer until stopped; a demonstration only as one."""
    if port is not None:
        os.environ["MICRORELIEF_PORT"] = str(port)
    open_site(data, create=not demo)
    claim(configuration().data_folder)
    # pages are imported once Django stands
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    from microrelief.web.audit.trail import catch_up_head  # noqa: PLC0415
    from microrelief.web.background.worker import start_worker  # noqa: PLC0415
    from microrelief.web.consents.actions import bring_texts  # noqa: PLC0415
    from microrelief.web.consents.withdrawn import FILE as WITHDRAWN  # noqa: PLC0415
    from microrelief.web.consents.withdrawn import withdraw_all_again, withdrawn_in_file  # noqa: PLC0415
    from microrelief.web.custody.erased import FILE, erased_in_file  # noqa: PLC0415
    from microrelief.web.custody.erasure import erase_all_again  # noqa: PLC0415
    from microrelief.web.demo_clinic.models import refuse_mixture  # noqa: PLC0415
    from microrelief.web.demo_clinic.seed import login_lines  # noqa: PLC0415
    from microrelief.web.keyring import photo_store  # noqa: PLC0415
    from microrelief.web.people.actions import owner_link  # noqa: PLC0415
    from microrelief.web.people.once import forget_old_keys  # noqa: PLC0415
    from microrelief.web.photos.actions import names_with_rows  # noqa: PLC0415

    refuse_mixture(demo=configuration().demo)
    application = get_wsgi_application()
    swept = photo_store().sweep(names_with_rows())
    if swept.without_file:
        say(f"{len(swept.without_file)} photographs have no file: restore them from a backup.")
    if warning := catch_up_head():
        say(warning)
    again = erase_all_again(erased_in_file(configuration().data_folder / FILE))
    if again:
        say(f"{again} patients who were erased had come back with an older database: they were erased again.")
    withdrawn = withdraw_all_again(withdrawn_in_file(configuration().data_folder / WITHDRAWN))
    if withdrawn:
        say(f"{withdrawn} withdrawn consents had come back with an older database: they are withdrawn again.")
    bring_texts()
    forget_old_keys()
    call_command("clearsessions", verbosity=0)
    link = owner_link()
    say(f"The site is open at {configuration().site_address}")
    if demo:
        for line in login_lines():
            say(line)
    elif link:
        say(f"Make the owner's account here, once, within a day: {link}")
    say("Stop it with Ctrl-C.")
    start_worker()
    _listen(application, configuration())


def open_site(data: Path | None, *, create: bool = False, migrate: bool = True) -> None:
    """Everything that stands before the first request or command; raises SettingsRefused."""
    prepare(data, create=create)
    set_up()
    if migrate:
        apply_migrations()
        from microrelief.web.audit.trail import seal_all_versions_once  # noqa: PLC0415

        seal_all_versions_once()


def set_up() -> None:
    """Start Django, with the settings checked; raises SettingsRefused."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "microrelief.web.settings"
    import django  # noqa: PLC0415
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    try:
        call_command("check", deploy=True, fail_level="WARNING", verbosity=0, stdout=io.StringIO())
    except ImproperlyConfigured as error:
        raise SettingsRefused(str(error)) from error


def apply_migrations() -> None:
    """Bring the database to this version; raises SettingsRefused."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    try:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    except ImproperlyConfigured as error:
        raise SettingsRefused(str(error)) from error


def verify_audit(data: Path | None) -> "Finding":
    """What verification of the data folder's trail finds; the site may be running."""
    open_site(data)
    from microrelief.web.audit.verify import verify_trail  # noqa: PLC0415

    return verify_trail()


def prepare(data: Path | None, *, create: bool) -> None:
    """Make the folder and the key if they may be made, and refuse what is unsafe."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold faces and keys
    if data is not None:
        os.environ["MICRORELIEF_DATA"] = str(data.absolute())
        configuration.cache_clear()
    chosen = configuration()
    folder, keys = chosen.data_folder, chosen.keys_folder
    refuse_unsafe(chosen)
    if not (keys / KEY_FILE).exists():
        if _holds_records(chosen):
            raise SettingsRefused(
                f"{folder} holds records, but the key {keys / KEY_FILE} is missing: restore it from its copy"
            )
        if not create:
            raise SettingsRefused(f"{folder} holds no clinic: microrelief serve --data {folder} makes one")
        make_folder(folder)
        passphrase = chosen.key_passphrase
        ClinicKeys.create(keys, passphrase.get_secret_value() if passphrase is not None else None)
    refuse_unsafe(chosen)


def claim(folder: Path) -> None:
    """One process serves a data folder; the lock goes with the process, however it ends."""
    handle = os.open(folder / ".serving", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SettingsRefused(f"{folder} is being served already: stop the other process first") from error


def _holds_records(chosen: Configuration) -> bool:
    return (chosen.data_folder / "records.sqlite3").exists() or (chosen.data_folder / "photos").exists()


def _listen(application: Callable[..., object], chosen: Configuration) -> None:
    import waitress  # noqa: PLC0415

    # a little more than is taken, so that it can be said in words
    largest = (chosen.upload_megabytes + 10) * MEGABYTE
    proxy: dict[str, object] = {}
    if chosen.trusted_proxy:
        proxy = {
            "trusted_proxy": chosen.trusted_proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto x-forwarded-host",
        }
    try:
        waitress.serve(
            application,
            listen=f"{chosen.host}:{chosen.port}",
            threads=chosen.threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=largest,
            # waitress spills what is larger into /tmp, readable: so nothing is larger
            inbuf_overflow=largest + MEGABYTE,
            outbuf_overflow=largest + MEGABYTE,
            _quiet=True,
            **proxy,
        )
    except OSError as error:
        raise SettingsRefused(
            f"port {chosen.port} on {chosen.host} cannot be opened: {error.strerror}; give another --port"
        ) from error
