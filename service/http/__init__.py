"""What every HTTP call passes: guard, gate, body, problems, feed, page."""
