"""The commands as they are typed.

Each imports its body when it runs: `flakescope --help` must not wait for OpenCV and SQLAlchemy.
"""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path | None, typer.Option(help="Folder of everything that is kept.", show_default="./var")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help="sqlite:///FILE or postgresql://...", show_default="SQLite in the data folder"
    ),
]
Model = Annotated[
    Path | None, typer.Option(help="ONNX file that classifies.", show_default="the shipped one")
]


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="0 = a free one.", show_default="8000")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    model: Model = None,
    import_roots: Annotated[
        str | None,
        typer.Option(
            help="Folders that may be imported, separated as in PATH.", show_default="none"
        ),
    ] = None,
    worker: Annotated[bool, typer.Option(help="Run jobs here too, in a child process.")] = True,
    open_: Annotated[
        bool,
        typer.Option("--open", help="Ask nobody for a token, on a loopback address."),
    ] = False,
) -> None:
    """Migrate the database, then serve until Ctrl-C."""
    import gc

    # Nearly all that a start makes stays: to look through it again and again was a tenth of the
    # start. `service.app` lets the collections begin, once all is built.
    gc.disable()

    from service.processes.server import migrate_and_serve
    from service.settings import read_settings

    migrate_and_serve(
        read_settings(
            host=host,
            port=port,
            data_dir=data_dir,
            database_url=database_url,
            model=model,
            import_roots=import_roots,
            embedded_worker=None if worker else False,
            open=open_ or None,
        )
    )


def worker(
    *,
    listen: Annotated[
        str, typer.Option(help="Queues to work on, separated by commas.")
    ] = "live,batch,scans",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    model: Model = None,
    embedded: Annotated[bool, typer.Option("--embedded", hidden=True)] = False,
    one_tile: Annotated[bool, typer.Option("--one-tile", hidden=True)] = False,
    one_run: Annotated[bool, typer.Option("--bring-in", hidden=True)] = False,
) -> None:
    """Bring in and screen scans until Ctrl-C. Any number on PostgreSQL, one on SQLite."""
    from service.processes.worker import (
        bring_in_one_run,
        queues_of,
        run_worker,
        screen_one_tile,
    )
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url, model=model)
    if one_tile:
        screen_one_tile(settings)
    elif one_run:
        bring_in_one_run(settings)
    else:
        run_worker(settings, queues_of(listen), embedded=embedded)


def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database's tables up to date; keeps what is in them."""
    from service.processes.setup import migrate_database
    from service.settings import read_settings

    migrate_database(read_settings(data_dir=data_dir, database_url=database_url))
    typer.echo("The database is up to date.")


def settings() -> None:
    """Print every setting with its default and its meaning, as the table in docs/settings.md."""
    from service.settings import settings_table

    typer.echo(settings_table(), nl=False)


def screen(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER...", help="Images or folders of images.")
    ],
    *,
    json: Annotated[Path | None, typer.Option(help="Write all results here.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row a flake here.")] = None,
    overlay: Annotated[Path | None, typer.Option(help="Folder for outlined pictures.")] = None,
    um_per_px: Annotated[float | None, typer.Option(help="Scale of all images.")] = None,
    oxide_nm: Annotated[float | None, typer.Option(help="SiO2 thickness of all images.")] = None,
    flat_field: Annotated[
        str | None,
        typer.Option(metavar="FILE|auto", help="Picture of empty substrate; auto: learn it."),
    ] = None,
    substrate: Annotated[
        Path | None, typer.Option(help="Measured contrasts, in JSON (2DMatGMM's or A2D's).")
    ] = None,
    model: Model = None,
) -> None:
    """Find flakes on images, without a database. Masks (*.mask.png) in folders are left out."""
    from service.cli.report import Reports
    from service.cli.screen import find_flat_field, read_substrate, screen_files
    from service.cli.screen_files import FileScreener
    from service.settings import read_settings

    settings = read_settings(model=model)
    screener = FileScreener(
        um_per_px,
        oxide_nm,
        overlay,
        find_flat_field(flat_field, paths),
        read_substrate(substrate, oxide_nm),
    )
    raise typer.Exit(screen_files(paths, screener, Reports(json, csv), settings))
