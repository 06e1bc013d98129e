"""Reference contrasts as another program writes them."""

# In the layout of 2DMatGMM's trained parameters: a covariance of B, G, R, blue the noisiest.
TRAINED = {
    "2": {
        "contrast": {"b": -0.152, "g": -0.264, "r": -0.248},
        "covariance_matrix": [[8e-4, 2e-4, -1e-4], [2e-4, 2e-4, 2e-5], [-1e-4, 2e-5, 3e-4]],
    },
    "1": {
        "contrast": {"b": -0.071, "g": -0.14, "r": -0.137},
        "covariance_matrix": [[4e-4, 1e-4, 4e-5], [1e-4, 2e-4, 9e-5], [4e-5, 9e-5, 3e-4]],
    },
}
