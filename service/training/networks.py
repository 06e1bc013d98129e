"""The one list of networks and optimizers: trainings, the command and `models` ask it."""

# What `models.networks` can build and `models.training` can train with; a test compares them.
ARCHITECTURES = (
    "flakenet",
    "alexnet",
    "vgg16",
    "resnet50",
    "efficientnet_b0",
    "inception_v3",
    "mobilenet_v2",
    "mobilenet_v3_small",
    "googlenet",
    "densenet121",
    "lenet5",
    "se_resnet",
)
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
# The one whose weights can be read back out of an exported file.
WARM = "flakenet"
