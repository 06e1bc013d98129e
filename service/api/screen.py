"""`POST /v1/screen`: one image, nothing is saved."""

from typing import Annotated

from fastapi import APIRouter, Form

from service.api.parts import ScreenerDep
from service.api.schemas.screen import NewImage, ScreenedImage
from service.api.unsaved import unsaved_flakes

router = APIRouter(prefix="/v1", tags=["screen"])


@router.post("/screen")
def screen_image(
    new: Annotated[NewImage, Form(media_type="multipart/form-data")], screener: ScreenerDep
) -> ScreenedImage:
    """Find flakes on one image; saves nothing."""
    done = screener.screen(new.image.file.read, um_per_px=new.um_per_px, oxide_nm=new.oxide_nm)
    return ScreenedImage(
        flakes=unsaved_flakes(done.tile, done.screening),
        candidates=len(done.screening.detections),
        width_px=done.tile.width_px,
        height_px=done.tile.height_px,
        model_version=done.screening.model_version,
        timing_ms=done.duration_ms,
    )
