"""Gathers the tables of all packages; Django looks for them here."""

from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.instruments.models import Analyzer, Message, Reading, SpecimenIndex, TestMapping
from aliquot.flow.logistics.models import Box, BoxItem
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.reports.models import Notice, NoticeAttempt, Report, ReportDocument
from aliquot.flow.results.models import (
    AddOn,
    CriticalAttempt,
    CriticalCall,
    CriticalEscalation,
    Decision,
    LookBack,
    LookBackMember,
    LookBackStep,
    LookBackTask,
    Result,
    ResultClaim,
)
from aliquot.flow.specimens.models import Specimen, SpecimenEvent, SpecimenTest
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion, Suspension
from aliquot.foundation.audit.models import AuditBlock, AuditHead, AuditRow
from aliquot.foundation.events.models import Event
from aliquot.foundation.months.models import ArchivedChain, ArchivedMonth
from aliquot.registers.catalogue.models import (
    Container,
    DerivedTest,
    Panel,
    ReferenceInterval,
    RejectionReason,
    Section,
    SpecimenType,
    Test,
)
from aliquot.registers.network.models import Bench, Contact, Department, NumberRange, Organisation, Site
from aliquot.registers.patients.models import AccessEntry, Patient, PatientMerge, PatientSite
from aliquot.registers.people.models import Assignment, Person, SignInSession

__all__ = [
    "AccessEntry",
    "AddOn",
    "Analyzer",
    "ArchivedChain",
    "ArchivedMonth",
    "Assignment",
    "AuditBlock",
    "AuditHead",
    "AuditRow",
    "Bench",
    "Box",
    "BoxItem",
    "Contact",
    "Container",
    "CriticalAttempt",
    "CriticalCall",
    "CriticalEscalation",
    "Decision",
    "Department",
    "DerivedTest",
    "Event",
    "InboundDocument",
    "LookBack",
    "LookBackMember",
    "LookBackStep",
    "LookBackTask",
    "Message",
    "Notice",
    "NoticeAttempt",
    "NumberRange",
    "Order",
    "OrderItem",
    "Organisation",
    "Panel",
    "Patient",
    "PatientMerge",
    "PatientSite",
    "Person",
    "Reading",
    "ReferenceInterval",
    "RejectionReason",
    "ReleaseState",
    "Report",
    "ReportDocument",
    "Result",
    "ResultClaim",
    "RuleSetValidation",
    "RuleSetVersion",
    "Section",
    "SignInSession",
    "Site",
    "Specimen",
    "SpecimenEvent",
    "SpecimenIndex",
    "SpecimenTest",
    "SpecimenType",
    "Suspension",
    "Test",
    "TestMapping",
]
