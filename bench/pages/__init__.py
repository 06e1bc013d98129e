"""Pages of a million flakes: how long each takes, and by which plans."""
