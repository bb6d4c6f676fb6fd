"""placeholder"""

from proofgrid.report.blocks import Section


def section(board):
    return Section("irt", "Item response theory", ()), None
