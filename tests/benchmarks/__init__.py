"""Measured, printed and written down, never asserted: each figure beside a floor of the same run."""
