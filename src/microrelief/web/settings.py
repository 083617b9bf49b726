"""Django's settings, all of them following from the Configuration and the clinic's key."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from pydantic import SecretStr

from microrelief.web.configuration import configuration
from microrelief.web.keyring import secret, site_secret

_configuration = configuration()
_https = _configuration.encrypted_transport
_site = urlsplit(_configuration.site_address)

DEBUG = False
DEMO = _configuration.demo
"""Whether this process serves a demonstration: start.py has asked the data folder whether it is one."""
SECRET_KEY = site_secret("django").hex()
ROOT_URLCONF = "microrelief.web.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
FORMAT_MODULE_PATH = ["microrelief.web.languages.formats"]

ALLOWED_HOSTS = [_site.hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [_configuration.site_address]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "microrelief.web.languages",
    "microrelief.web.pages",
    "microrelief.web.people",
    "microrelief.web.audit",
    "microrelief.web.clinic",
    "microrelief.web.clinic_rules",
    "microrelief.web.leaflets",
    "microrelief.web.patients",
    "microrelief.web.brake",
    "microrelief.web.photos",
    "microrelief.web.consents",
    "microrelief.web.face_map",
    "microrelief.web.sheets",
    "microrelief.web.stock",
    "microrelief.web.visits",
    "microrelief.web.consultations",
    "microrelief.web.plans",
    "microrelief.web.treatments",
    "microrelief.web.recovery",
    "microrelief.web.photosets",
    "microrelief.web.retests",
    "microrelief.web.comparisons",
    "microrelief.web.oversight",
    "microrelief.web.custody",
    "microrelief.web.api",
    "microrelief.web.demo_clinic",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_tasks_db",
]

# what is asked for is in the database before the answer leaves, and is done after a restart as well
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# whose timeline.py and today.py the record's page and the day's page gather, in the order of a visit
TIMELINE_APPS = [
    "microrelief.web.brake",
    "microrelief.web.oversight",
    "microrelief.web.recovery",
    "microrelief.web.visits",
    "microrelief.web.consultations",
    "microrelief.web.consents",
    "microrelief.web.plans",
    "microrelief.web.treatments",
    "microrelief.web.photosets",
    "microrelief.web.comparisons",
]

# whose settings_rows.py the settings' index gathers
SETTINGS_APPS = [
    "microrelief.web.clinic",
    "microrelief.web.stock",
    "microrelief.web.clinic_rules",
    "microrelief.web.leaflets",
    "microrelief.web.consents",
    "microrelief.web.retests",
]

# what offers a professional's grades beside the measures of a series (grades.entries)
GRADE_APPS = ["microrelief.web.consultations"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "microrelief.web.pages.headers.no_store",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "microrelief.web.people.sessions.session_rules",
    "microrelief.web.clinic.language.in_language",
    "microrelief.web.clinic.time_of_day.at_the_clinic",
    "microrelief.web.pages.refused.refusals_as_pages",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            # every template speaks the reader's language without asking for the words to do so
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.tz",
                "microrelief.web.languages.templatetags.spoken",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "microrelief.web.pages.frame.frame",
                "microrelief.web.brake.notice.stopped",
            ],
        },
    }
]

# --- the database: an encrypted file, or PostgreSQL by one setting


def _database(url: SecretStr | None) -> dict[str, Any]:
    if url is None:
        folder = _configuration.data
        return {
            "ENGINE": "microrelief.web.sqlcipher",
            "NAME": str(folder / "records.sqlite3") if folder else ":memory:",
            "CONN_MAX_AGE": None,
            # IMMEDIATE: a writer waits at the start, not in the middle where waiting cannot help any more
            "OPTIONS": {"key": secret("database"), "timeout": 10, "transaction_mode": "IMMEDIATE"},
        }
    parts = urlsplit(url.get_secret_value())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,  # a server that was started again costs nobody an error
        "OPTIONS": {
            # a lock that is held for long is answered with 503, as on SQLite, and not waited for without end
            "options": "-c lock_timeout=10s",
            "pool": {"min_size": 2, "max_size": _configuration.threads + 2},
            **dict(parse_qsl(parts.query)),
        },
    }


DATABASES = {"default": _database(_configuration.database_url)}
# the counters of failed attempts outlive a restart
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "attempts_cache"},
}

# --- who is signed in

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie: they hold names
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "microrelief.web.people.account_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the owner hands the invitation over; a clinic's computer sends no mail
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ALLAUTH_TRUSTED_PROXY_COUNT = 0  # waitress has already put the right address into REMOTE_ADDR

MFA_ADAPTER = "microrelief.web.people.second_factor.SecondFactorAdapter"
MFA_FORMS = {"add_webauthn": "microrelief.web.people.second_factor.AddPasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # only ever true on localhost (safety.py)
MFA_TOTP_ISSUER = "Microrelief"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True

IDLE_SECONDS = _configuration.idle_minutes * 60
USERSESSIONS_TRACK_ACTIVITY = False  # a write for every page; sessions.py notes it twice a minute at most

AXES_FAILURE_LIMIT = 5  # as allauth's own limit, so that the trail hears of it
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_CLIENT_IP_CALLABLE = "microrelief.web.people.account_adapter.client_address"
AXES_USERNAME_CALLABLE = "microrelief.web.people.account_adapter.attempted_email"
AXES_LOCKOUT_TEMPLATE = "people/locked_out.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_COOKIE_AGE = _configuration.session_hours * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if _https else "language"
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = _https, True, "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "microrelief.web.pages.views.csrf_failure"

# --- what a browser may do with a page

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "camera": "self",
    "publickey-credentials-get": "self",
    "publickey-credentials-create": "self",
    "fullscreen": "self",
    **{
        feature: []
        for feature in (
            "accelerometer",
            "autoplay",
            "display-capture",
            "encrypted-media",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = (
    "same-origin"  # no-referrer would make the browser send Origin: null with our own forms
)
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = False  # the proxy does; behind it everything already came by TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SECURE_PROXY_SSL_HEADER = None  # waitress sets the scheme from the trusted proxy

# --- uploads stay in memory: Django's own handlers, and waitress's overflow, would write faces to /tmp

FILE_UPLOAD_HANDLERS = ["microrelief.web.photos.uploads.NamelessUpload"]
UPLOAD_BYTES = _configuration.upload_megabytes * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

STATIC_URL = "/static/"
# the report's own style and script, so that a comparison in the record looks and acts as in the file
STATICFILES_DIRS = [("report", Path(__file__).parent.parent / "report" / "templates")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "microrelief.web.pages.log.NamelessFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # by account alone: a clinic's staff share one network address; allauth limits by address
    "security.W004",  # HSTS: not over http on localhost; with https it is set above
    "security.W005",
    "security.W008",  # the proxy redirects
    "security.W012",  # cookies are Secure whenever the site is https
    "security.W016",
    "security.W021",  # HSTS preload is the clinic's own decision about its domain
]
