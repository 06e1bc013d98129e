"""Zips of scan folders, and the end of the scans that they become."""

import io
import zipfile

from tests.api.serving import Running


def zip_of(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def cancel(service: Running, scan_id: int) -> None:
    answer = service.http.post(f"/v1/scans/{scan_id}/cancel").raise_for_status()
    assert answer.json()["state"] == "cancelled"
