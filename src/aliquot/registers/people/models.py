"""People, and what they are at which site since when."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aliquot.registers.network.models import IN_ORDER, Organisation, Site


class Person(AbstractBaseUser):
    """Somebody, or another system, that signs in."""

    username = models.TextField(unique=True)
    name_en = models.TextField()
    name_ru = models.TextField()
    language = models.TextField(default="ru", choices=[("en", "English"), ("ru", "Русский")])
    is_active = models.BooleanField(default=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name_en", "name_ru"]

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_ru if (get_language() or "en").startswith("ru") else self.name_en


class Role(models.TextChoices):
    NURSE = "nurse", _("Nurse")
    PHYSICIAN = "physician", _("Ordering physician")
    COURIER = "courier", _("Courier")
    RECEPTIONIST = "receptionist", _("Reception")
    TECHNOLOGIST = "technologist", _("Technologist")
    LABORATORY_DOCTOR = "laboratory_doctor", _("Laboratory doctor")
    QUALITY_MANAGER = "quality_manager", _("Quality manager")
    HUB_DIRECTOR = "hub_director", _("Hub director")
    ADMINISTRATOR = "administrator", _("Administrator")
    OWNER_OFFICER = "owner_officer", _("Officer of the data owner")
    INTEGRATION = "integration", _("Another system")


class Assignment(models.Model):
    """A person's role at a site, dated: it begins and it ends."""

    person = models.ForeignKey(Person, models.PROTECT)
    site = models.ForeignKey(Site, models.PROTECT)
    role = models.TextField(choices=Role.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "assignment"


class Employment(models.Model):
    """Who employs a person, from when to when. A role is in force where the employer operates the site.

    Somebody may be employed by two organisations at once, by one of them only once at a time.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="employments", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "employment"
        constraints = [models.CheckConstraint(condition=IN_ORDER, name="employment_in_order")]


class SignInSession(AbstractBaseSession):
    """A signed-in browser. Row security shows a session only to the one who brings its key."""

    class Meta:
        db_table = "sign_in_session"
