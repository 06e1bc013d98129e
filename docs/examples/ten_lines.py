"""Any camera and stage with a Python library, in ten lines."""

from flakescope.client import Client


def scan_chip(camera, stage, places_um, url="http://127.0.0.1:8000"):
    """Take an image at each place; gives the graphene flakes, largest first."""
    with Client(url) as client, client.scan("chip 12", um_per_px=0.3844, oxide_nm=90) as scan:
        for x_um, y_um in places_um:
            stage.move_to(x_um, y_um)
            scan.send(camera.snap(), x_um=x_um, y_um=y_um)  # returns at once
        for result in scan.results():
            print(result.name, result.error or len(result.flakes))
        return list(scan.flakes(graphene=True))
