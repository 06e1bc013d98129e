"""Pure image steps: decode, normalise, segment, crop, measure. No I/O, settings or clock."""
