"""Where tiles lie: by their positions, by their images, by position lists that come afterwards."""
