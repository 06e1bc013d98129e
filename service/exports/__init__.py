"""Exports: select flakes of a scan and write them in the formats of other programs."""
