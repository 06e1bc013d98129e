"""`flakescope train`."""
# ruff: noqa: PLR0913, PLR0917 - options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import parted, require_torch
from service.errors import InvalidValue
from service.training.networks import ARCHITECTURES, OPTIMIZERS

SHIPPED, ONE = "The shipped model", "One network"


def train(
    folder: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of labelled pictures.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result; not with --resume.")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(ARCHITECTURES[:-1])} or {ARCHITECTURES[-1]}.",
            rich_help_panel=ONE,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="JSON of settings, as search or a run writes it.", rich_help_panel=ONE),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="At most.", rich_help_panel=ONE)] = None,
    batch: Annotated[int | None, typer.Option(help="Crops a step.", rich_help_panel=ONE)] = None,
    optimiser: Annotated[
        str | None,
        typer.Option(
            help=f"{', '.join(OPTIMIZERS[:-1])} or {OPTIMIZERS[-1]}.", rich_help_panel=ONE
        ),
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(rich_help_panel=ONE)] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Stop after so many epochs without a better loss on held-out groups, and take "
            "the best epoch.",
            rich_help_panel=ONE,
        ),
    ] = None,
    pretrained: Annotated[
        Path | None,
        typer.Option(help="ImageNet weights, torchvision's own file.", rich_help_panel=ONE),
    ] = None,
    trained_blocks: Annotated[
        int | None,
        typer.Option(
            "--freeze",
            metavar="BLOCKS",
            help="Freeze all but the head and so many of the last blocks; 0: all but the head.",
            rich_help_panel=ONE,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any other setting, named as in config.json: training.l1=1e-5, network.side=224, "
            "training.jitter.blur=0, source.group_by=folder. May be repeated.",
            rich_help_panel=ONE,
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Folder of a run that was killed: goes on there.", rich_help_panel=ONE),
    ] = None,
    version: Annotated[
        str, typer.Option(help="Name of the model version.", rich_help_panel=SHIPPED)
    ] = "flakenet-0.2",
    tiles: Annotated[
        int, typer.Option(help="Rendered tiles to learn from.", rich_help_panel=SHIPPED)
    ] = 1200,
    workers: Annotated[
        int, typer.Option(help="Processes that render.", rich_help_panel=SHIPPED)
    ] = 2,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps rendered examples for the next time.", rich_help_panel=SHIPPED
        ),
    ] = None,
    folds: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the networks that each left groups out.", rich_help_panel=SHIPPED
        ),
    ] = None,
) -> None:
    """Train a network on labelled pictures.

    DATA is any folder that `flakescope evaluate` can read: train|test with
    graphene and non_graphene, annotated frames, COCO, a service's reviews.
    Graphene is always the positive class.

    Two ways. With --network or --config, one network learns from DATA alone: a
    fifth of its acquisition groups is held out, and settings, loss of each
    epoch, checkpoint, weights, figures and a report go to --out. --resume goes
    on after a kill. `flakescope export` makes it a file to serve.

        flakescope train chips --out run1 --network resnet50
            --pretrained resnet50.pth --freeze 0
        flakescope train chips --resume run1
        torchrun --nproc_per_node=2 -m models train chips --out run2 --network vgg16

    Without them the shipped model is made: flakenet learns from rendered tiles
    first and then from DATA, is judged by leaving out whole groups, and its
    ONNX file with its card goes to --out.

        flakescope train DATA --out models/zoo
    """
    require_torch()
    from models.commands.teaching import make_shipped, teach_one  # noqa: PLC0415 - `--help` is quick

    chosen = {
        "network.name": network,
        "network.pretrained": pretrained,
        "network.trained_blocks": trained_blocks,
        "training.epochs": epochs,
        "training.batch": batch,
        "training.optimiser": optimiser,
        "training.learning_rate": learning_rate,
        "training.patience": patience,
    }
    wanted = {name: str(value) for name, value in chosen.items() if value is not None}
    wanted |= dict(parted(settings or []))
    if resume is not None:
        if out is not None or config is not None or wanted:
            raise InvalidValue("--resume goes on with the settings of its run: give no others.")
        teach_one(folder, resume)
        return
    if out is None:
        raise InvalidValue("Name a folder for the result with --out, or a run with --resume.")
    if network is None and config is None:
        if wanted:
            raise InvalidValue(
                f"{', '.join(wanted)}: say with --network which network these settings are for."
            )
        make_shipped(folder, out, version, tiles, workers, cache=cache, folds=folds)
        return
    teach_one(folder, out, config, wanted)
