"""The link engine for a model's profile: the one list of protocols this program speaks."""

from collections.abc import Callable
from typing import Any, TypeAlias

from aliquot.wire.advia2120_link import Advia2120Link, Advia2120Profile
from aliquot.wire.astm_link import AstmLink, FramingProfile
from aliquot.wire.dimension_link import DimensionLink, DimensionProfile
from aliquot.wire.file_drop import FileLink, FileProfile
from aliquot.wire.link import Link, Role
from aliquot.wire.lis3_link import Lis3Link, Lis3Profile
from aliquot.wire.mllp import MllpLink, MllpProfile
from aliquot.wire.plain_frames import PlainLink, PlainProfile

LinkProfile: TypeAlias = (
    FramingProfile
    | MllpProfile
    | PlainProfile
    | Advia2120Profile
    | DimensionProfile
    | Lis3Profile
    | FileProfile
)

_ENGINES: dict[type, Callable[[Role, Any], Link]] = {
    FramingProfile: AstmLink,
    MllpProfile: MllpLink,
    PlainProfile: PlainLink,
    Advia2120Profile: Advia2120Link,
    DimensionProfile: DimensionLink,
    Lis3Profile: Lis3Link,
    FileProfile: FileLink,
}


def open_link(role: Role, profile: LinkProfile) -> Link:
    """Return a fresh engine for one connection that speaks as the profile says."""
    return _ENGINES[type(profile)](role, profile)
