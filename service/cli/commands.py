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
    host: Annotated[str | None, typer.Option(help="Address.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="0 = a free one.", show_default="8000")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    model: Model = None,
) -> None:
    """Migrate the database, then serve until Ctrl-C."""
    from service.cli.server import migrate_and_serve
    from service.settings import read_settings

    migrate_and_serve(
        read_settings(
            host=host, port=port, data_dir=data_dir, database_url=database_url, model=model
        )
    )


def migrate(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database's tables up to date; keeps what is in them."""
    from service.cli.database import migrate_database
    from service.settings import read_settings

    migrate_database(read_settings(data_dir=data_dir, database_url=database_url))
    typer.echo("The database is up to date.")


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
    model: Model = None,
) -> None:
    """Find flakes on images, without a database. Masks (*.mask.png) in folders are left out."""
    from service.cli.report import Reports
    from service.cli.screen import screen_files
    from service.cli.screening import FileScreener
    from service.settings import read_settings

    settings = read_settings(model=model)
    screener = FileScreener(um_per_px, oxide_nm, overlay)
    raise typer.Exit(screen_files(paths, screener, Reports(json, csv), settings))
