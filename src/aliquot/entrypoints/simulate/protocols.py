"""By which profile a device of a model speaks: in a folder, and when its messages are larger than usual."""

from dataclasses import replace

from aliquot.entrypoints.simulate.endpoints import Endpoint, Folder
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.astm_link.frames import TEXT_LIMIT_LIS01
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.links import LinkProfile


def profile_for(driver: Driver, endpoint: Endpoint, *, big: bool) -> LinkProfile:
    """The profile a device of this model speaks by; in a folder each message of any model is a file."""
    if isinstance(endpoint, Folder) and not isinstance(driver.framing, FileProfile):
        return FileProfile()
    return with_big_frames(driver.framing) if big else driver.framing


def with_big_frames(profile: LinkProfile) -> LinkProfile:
    """The same profile with the longest frames of LIS01-A2 6.3.1, where there are frames of a length."""
    if isinstance(profile, FramingProfile):
        return replace(profile, text_limit=TEXT_LIMIT_LIS01)
    return profile
