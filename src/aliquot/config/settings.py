"""Django settings. Everything that differs between installations comes from the environment or from files."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("ALIQUOT_HOME", ".aliquot")).resolve()
# A region, or the federation that regions publish to: the same program with a database of its own.
NODE = os.environ.get("ALIQUOT_NODE", "region")
if NODE not in {"region", "federation"}:
    raise ImproperlyConfigured(f"ALIQUOT_NODE is region or federation, not {NODE}")


def _secret_key() -> str:
    """From the environment, from a file it names, or made once and kept below the home folder."""
    if key := os.environ.get("ALIQUOT_SECRET_KEY"):
        return key
    kept = Path(os.environ.get("ALIQUOT_SECRET_KEY_FILE", HOME / "secrets" / "django"))
    if kept.exists():
        return kept.read_text(encoding="utf-8").strip()
    return ""


def _from_file(name: str) -> str:
    """The variable, or the content of the file that `<name>_FILE` names; nothing when neither is set."""
    kept = os.environ.get(f"{name}_FILE")
    return os.environ.get(name) or (Path(kept).read_text(encoding="utf-8").strip() if kept else "")


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"a database address begins with postgresql://, not {parts.scheme}://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or 5432),
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": dict(pair.split("=", 1) for pair in parts.query.split("&") if pair),
        "CONN_MAX_AGE": 600,
    }


# The command line finds or starts the server and leaves both addresses here; a command that
# needs no database (decode, lint, types) runs with an address where nothing listens.
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
DATABASES = {
    "default": _database(os.environ.get("ALIQUOT_APP_URL", NOWHERE)),
    "owner": _database(os.environ.get("ALIQUOT_OWNER_URL", NOWHERE)),
    # what a region publishes, on a server of its own; whoever publishes opens it
    "export": _database(NOWHERE),
}
DATABASE_ROUTERS = ["aliquot.config.routing.OwnerMigrates"]
if os.environ.get("ALIQUOT_POOL"):
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": int(os.environ["ALIQUOT_POOL"])}

SECRET_KEY = _secret_key() or "only-for-commands-that-sign-nothing"
METRICS_TOKEN = _from_file("ALIQUOT_METRICS_TOKEN")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ALIQUOT_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("ALIQUOT_ORIGINS", "").split(",") if o]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "aliquot",
]
ROOT_URLCONF = "aliquot.config.urls"
WSGI_APPLICATION = "aliquot.config.wsgi.application"
MIDDLEWARE = [
    "aliquot.entrypoints.web.shell.security.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aliquot.entrypoints.web.shell.region.RegionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "aliquot.entrypoints.web.shell.region.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
# Below these a request keeps its document first, in a transaction of its own, and names its caller itself.
OWN_TRANSACTIONS = ("/fhir/", "/metrics", "/node/")
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
WORKPLACES = PACKAGE / "entrypoints" / "web"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(WORKPLACES.glob("*/templates")),
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "aliquot.entrypoints.web.shell.region.page_context",
            ],
            "libraries": {
                "shell": "aliquot.entrypoints.web.shell.tags",
                "improvement": "aliquot.entrypoints.web.quality.improvement.tags",
            },
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

AUTH_USER_MODEL = "aliquot.Person"
AUTHENTICATION_BACKENDS = ["aliquot.registers.people.sign_in.PersonBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "start"
SESSION_ENGINE = "aliquot.registers.people.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = os.environ.get("ALIQUOT_HTTPS") == "1"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_FAILURE_VIEW = "aliquot.entrypoints.web.shell.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = sorted(PACKAGE.glob("**/locale"))
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# How many times faster than life the roads are; the demonstration sets it, nothing else should.
ROAD_PACE = float(os.environ.get("ALIQUOT_DEMO_ROAD", "1"))
# For so many seconds a person may take back what he decided; until then nothing of it leaves the house.
UNDO_SECONDS = float(os.environ.get("ALIQUOT_UNDO_SECONDS", "10"))
REGION_TIME_ZONE = os.environ.get("ALIQUOT_TIME_ZONE", "Europe/Moscow")

STATIC_URL = "static/"
STATICFILES_DIRS = [WORKPLACES / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ALIQUOT_LOG", "WARNING")},
}

# The page of reactions is above every layer; processes reach it by name.
ALIQUOT_REACTIONS = "aliquot.config.reactions.REACTIONS"
ALIQUOT_PROTECTION = "aliquot.config.protection.TABLES"
