"""Set up the network, say who operates it under which contract, and take numbers from a site's ranges."""

from aliquot.registers.network.actions.operating import (
    ContractFacts,
    end_operation,
    keep_contract,
    name_data_owner,
    operate_site,
    reopen_operation,
)
from aliquot.registers.network.actions.outside import keep_outside_site
from aliquot.registers.network.actions.setting_up import (
    ContactFacts,
    SiteFacts,
    add_department,
    add_organisation,
    change_site,
    keep_contact,
    load_network,
    next_numbers,
)

__all__ = [
    "ContactFacts",
    "ContractFacts",
    "SiteFacts",
    "add_department",
    "add_organisation",
    "change_site",
    "end_operation",
    "keep_contact",
    "keep_contract",
    "keep_outside_site",
    "load_network",
    "name_data_owner",
    "next_numbers",
    "operate_site",
    "reopen_operation",
]
