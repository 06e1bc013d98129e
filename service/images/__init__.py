"""Image files: kind, size, scale, channels, and the pixels of TIFF. Pure."""
