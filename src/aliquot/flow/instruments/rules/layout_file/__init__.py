"""The driver file read and checked to the last key. Every error names the file and the key.

The keys are described in docs/reference/drivers.md.
"""

from aliquot.flow.instruments.rules.layout_file.sections import read_layout

__all__ = ["read_layout"]
