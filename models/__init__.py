"""Everything that needs PyTorch: networks, data sets, training, evaluation, export."""
