"""The chip map: where tiles are drawn, from what, and what stands where there is nothing."""

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest
from sqlalchemy import delete

from service.cache import Shelf
from service.chip_map.chip_map import draw_overview, draw_square, map_of_scan
from service.chip_map.drawing import Desk, Shelves
from service.db.engine import writing
from service.db.tables import Scan, Thumbnail, Tile
from service.errors import NotFound
from service.placement.orientation import FLIPS
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, add_tile
from service.screening.pipeline import Screening
from service.screening.screen import Screened
from service.vision.decode import decode
from service.vision.stage import orient
from service.vision.thumbnail import small_picture
from tests.scans.chip import LIGHT, MODEL

SCALE = 0.5
SIZE = (400, 300)
GREY = 100
# Away from the middle and from all axes of symmetry.
MARK_PX = (300, 60)


@pytest.fixture
def desk(stores):
    return Desk(stores, Shelves(), 10**8)


def draw_marked(mark=MARK_PX, size=SIZE, dtype=np.uint8, gain=1) -> bytes:
    picture = np.full((size[1], size[0], 3), GREY * gain, dtype)
    x, y = mark
    picture[y - 4 : y + 4, x - 4 : x + 4] = (0, 0, 255 * gain)  # red, in OpenCV's order
    return cv2.imencode(".png", picture)[1].tobytes()


def screen(job) -> Screened:
    pixels = decode(job.image).pixels
    return Screened(
        screening=Screening([], LIGHT, MODEL, 0.5),
        width_px=pixels.shape[1],
        height_px=pixels.shape[0],
        thumbnail=small_picture(pixels),
    )


def screen_as_before(job) -> Screened:
    pixels = decode(job.image).pixels
    return Screened(
        screening=Screening([], LIGHT, MODEL, 0.5),
        width_px=pixels.shape[1],
        height_px=pixels.shape[0],
    )


def open_scan(desk, **said) -> int:
    return create_scan(
        desk.stores.sessions, NewScan(**({"name": "x", "um_per_px": SCALE} | said))
    ).id


def put(desk, scan_id, image=None, *, by=screen, gives_way=False, **place) -> int:
    new = NewTile(image=image or draw_marked(), **place)
    return add_tile(desk.stores, scan_id, new, screen=by, replace=gives_way).tile.id


def at(x_um, y_um) -> dict:
    return {"stage_x_um": x_um, "stage_y_um": y_um}


def view_of(desk, scan_id):
    return map_of_scan(desk.stores.sessions, desk.shelves, scan_id)


def pixels_of(picture) -> np.ndarray:
    """RGBA."""
    read = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_UNCHANGED)
    if read.shape[2] == 3:
        read = np.dstack([read, np.full(read.shape[:2], 255, np.uint8)])
    return cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA)


def seen_at(desk, scan_id, zoom, x_um, y_um):
    """The square that shows a stage position, and the pixel of it there, by the API's words."""
    view = view_of(desk, scan_id)
    side = view.square_px * view.resolutions[zoom]
    down = 1 if view.y_axis == "down" else -1
    across = (x_um - view.origin[0]) / side
    along = down * (y_um - view.origin[1]) / side
    place = zoom, int(across // 1), int(along // 1)
    pixel = across % 1 * view.square_px, along % 1 * view.square_px
    return pixels_of(draw_square(desk, scan_id, place, None).drawn.picture), pixel


def middle_of_red(pixels) -> tuple[float, float]:
    excess = pixels[..., 0].astype(float) - pixels[..., 1]
    excess[(excess < 30) | (pixels[..., 3] < 255)] = 0
    y, x = np.indices(excess.shape)
    return (excess * (x + 0.5)).sum() / excess.sum(), (excess * (y + 0.5)).sum() / excess.sum()


@pytest.mark.parametrize("reduced", [0, 1, 2])
@pytest.mark.parametrize(("flip_x", "flip_y", "swap_xy"), FLIPS)
def test_a_mark_appears_where_the_stage_would_go_to_centre_it(
    desk, flip_x, flip_y, swap_xy, reduced
):
    flips = {"flip_x": flip_x, "flip_y": flip_y, "swap_xy": swap_xy}
    scan_id = open_scan(desk, **flips)
    put(desk, scan_id, **at(5_000, -3_000))
    affine = orient(SCALE, **flips)[:, :2]
    x_um, y_um = np.array([5_000, -3_000]) + affine @ (np.array(MARK_PX) - np.array(SIZE) / 2)

    square, pixel = seen_at(desk, scan_id, view_of(desk, scan_id).max_zoom - reduced, x_um, y_um)

    assert middle_of_red(square) == pytest.approx(pixel, abs=0.6)


@pytest.mark.parametrize(("flip_x", "flip_y", "swap_xy"), FLIPS)
def test_turned_as_it_says_the_map_looks_like_the_image(desk, flip_x, flip_y, swap_xy):
    scan_id = open_scan(desk, flip_x=flip_x, flip_y=flip_y, swap_xy=swap_xy)
    put(desk, scan_id, **at(0, 0))

    overview = pixels_of(draw_overview(desk, scan_id, 1024, None).drawn.picture)

    turns = view_of(desk, scan_id).camera_turn_deg // 90
    turned = np.rot90(overview, -turns)
    assert turned.shape[1::-1] == SIZE
    assert middle_of_red(turned) == pytest.approx(MARK_PX, abs=0.5)


def test_an_affine_that_turns_a_little_leaves_corners_transparent(desk):
    angle = np.radians(10)
    turn = SCALE * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    six = (turn[0, 0], turn[0, 1], 7.0, turn[1, 0], turn[1, 1], -3.0)
    scan_id = open_scan(desk, um_per_px=None, affine=six)
    put(desk, scan_id, **at(1_000, 1_000))
    x_um, y_um = (1_007, 997) + turn @ (np.array(MARK_PX) - np.array(SIZE) / 2)

    square, pixel = seen_at(desk, scan_id, 14, x_um, y_um)

    assert middle_of_red(square) == pytest.approx(pixel, abs=0.6)
    overview = pixels_of(draw_overview(desk, scan_id, 1024, None).drawn.picture)
    assert [overview[y, x, 3] for y in (0, -1) for x in (0, -1)] == [0, 0, 0, 0]
    assert (overview[..., 3] > 0).mean() == pytest.approx(0.737, abs=0.005)


def test_tiles_that_abut_leave_no_line_between_them_and_nothing_is_drawn_beyond(desk):
    scan_id = open_scan(desk)
    plain = [draw_marked((20, 20), SIZE), draw_marked((30, 30), SIZE)]
    put(desk, scan_id, plain[0], **at(100.13, 50))
    put(desk, scan_id, plain[1], **at(100.13 + SIZE[0] * SCALE, 50))

    overview = pixels_of(draw_overview(desk, scan_id, 1024, None).drawn.picture)

    assert overview.shape == (300, 800, 4)
    assert overview[5:-5, 390:410, 3].min() == 255
    assert np.abs(overview[100:, 380:420, :3].astype(int) - GREY).max() <= 6
    left_of_it, _ = seen_at(desk, scan_id, 14, -5_000, 50)
    assert left_of_it.max() == 0


def test_corrected_positions_move_tiles_and_the_revision(desk):
    scan_id = open_scan(desk)
    tile_id = put(desk, scan_id, **at(0, 0))
    before = view_of(desk, scan_id)
    with writing(desk.stores.sessions) as session:
        tile = session.get_one(Tile, tile_id)
        tile.corrected_x_um, tile.corrected_y_um = 12.0, -4.0
        session.get_one(Scan, scan_id).positions = "corrected"

    after = view_of(desk, scan_id)

    assert after.revision != before.revision
    assert np.subtract(after.extent, before.extent).tolist() == [12, -4, 12, -4]


def test_a_replaced_tile_changes_the_revision_and_the_square(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, **at(0, 0))
    before, former = view_of(desk, scan_id), draw_overview(desk, scan_id, 256, None)

    put(desk, scan_id, draw_marked((50, 50)), gives_way=True, **at(0, 0))
    after, latter = view_of(desk, scan_id), draw_overview(desk, scan_id, 256, before.revision)

    assert after.revision != before.revision
    assert after.tiles_without_picture == 0
    assert latter.drawn.etag != former.drawn.etag
    assert not latter.is_current


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        (Tile, {"um_per_px": 0.25}),
        (Tile, {"width_px": 90}),
        (Tile, {"height_px": 70}),
        (Tile, {"stage_x_um": 3.0}),
        (Tile, {"stage_y_um": 3.0}),
        (Tile, {"corrected_x_um": 3.0}),
        (Tile, {"corrected_y_um": 3.0}),
        (Tile, {"row": 4}),
        (Tile, {"col": 4}),
        (Tile, {"sha256": "0" * 64}),
        (Scan, {"affine": [0.5, 0.0, 0.0, 0.0, 0.5, 0.0]}),
        (Scan, {"flip_x": True}),
        (Scan, {"flip_y": True}),
        (Scan, {"swap_xy": True}),
        (Scan, {"position_reference": "top_left"}),
        (Scan, {"positions": "corrected"}),
    ],
)
def test_whatever_moves_or_scales_a_picture_changes_the_revision(desk, row, changed):
    scan_id = open_scan(desk)
    tile_id = put(desk, scan_id, row=1, col=1, **at(0, 0))
    before = view_of(desk, scan_id).revision

    with writing(desk.stores.sessions) as session:
        one = session.get_one(row, tile_id if row is Tile else scan_id)
        for column, value in changed.items():
            assert getattr(one, column) != value
            setattr(one, column, value)

    with desk.stores.sessions() as session:
        assert str(session.get_one(Scan, scan_id).map_revision) != before


def test_what_does_not_concern_the_map_leaves_its_revision(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, **at(0, 0))
    before = view_of(desk, scan_id).revision

    with writing(desk.stores.sessions) as session:
        session.get_one(Scan, scan_id).name = "another"
    put(desk, scan_id, **at(0, 0))

    assert view_of(desk, scan_id).revision == before


def test_a_tile_that_comes_keeps_squares_in_place_and_the_others_as_they_were(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, **at(1_000, 1_000))
    before = view_of(desk, scan_id)
    place = (14, *(int((1_000 - o) // (256 * SCALE)) for o in before.origin))
    former = draw_square(desk, scan_id, place, None).drawn

    put(desk, scan_id, draw_marked((9, 9)), **at(20_000, 9_000))
    after = view_of(desk, scan_id)

    assert (after.origin, after.resolutions) == (before.origin, before.resolutions)
    assert after.revision != before.revision
    assert draw_square(desk, scan_id, place, None).drawn.etag == former.etag


def test_old_tiles_get_their_thumbnails_when_somebody_looks(desk):
    scan_id = open_scan(desk)
    for n in range(3):
        put(desk, scan_id, draw_marked((20 + n, 20)), by=screen_as_before, **at(200 * n, 0))
    before = view_of(desk, scan_id)

    first = draw_overview(desk, scan_id, 128, None)

    after = view_of(desk, scan_id)
    assert (before.tiles_without_picture, after.tiles_without_picture) == (3, 0)
    assert after.revision != before.revision
    assert first.drawn.is_final
    assert pixels_of(first.drawn.picture)[20, 60, 0] == pytest.approx(GREY, abs=4)


def test_what_another_call_makes_is_shown_by_its_colour_and_is_not_final(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, by=screen_as_before, **at(0, 0))

    with desk.shelves.making:
        drawn = draw_overview(desk, scan_id, 64, None).drawn

    assert not drawn.is_final
    assert pixels_of(drawn.picture)[20, 20, :3] == pytest.approx(
        np.array(LIGHT.background_rgb) * 255, abs=4
    )
    assert view_of(desk, scan_id).tiles_without_picture == 1


def test_an_original_that_is_lost_is_shown_by_its_colour_and_not_tried_for_ever(desk):
    scan_id = open_scan(desk)
    tile_id = put(desk, scan_id, by=screen_as_before, **at(0, 0))
    with desk.stores.sessions() as session:
        desk.stores.blobs.delete(session.get_one(Tile, tile_id).sha256)

    far, near = (draw_overview(desk, scan_id, most, None).drawn for most in (64, 1024))

    expected = pytest.approx(np.array(LIGHT.background_rgb) * 255, abs=4)
    assert pixels_of(far.picture)[20, 20, :3] == expected
    assert pixels_of(near.picture)[20, 20, :3] == expected
    assert view_of(desk, scan_id).tiles_without_picture == 0


def test_sixteen_bits_of_two_depths_are_shown_on_one_scale(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, draw_marked(dtype=np.uint16, gain=4), **at(0, 0))
    put(desk, scan_id, draw_marked(dtype=np.uint16, gain=16), **at(200, 0))

    far, near = (
        pixels_of(draw_overview(desk, scan_id, most, None).drawn.picture) for most in (256, 1024)
    )

    for overview in (far, near):
        height, width = overview.shape[:2]
        left, right = overview[height // 2, width // 4, 1], overview[height // 2, 3 * width // 4, 1]
        assert right == pytest.approx(GREY, abs=4)
        assert left == pytest.approx(GREY / 4, abs=4)


def test_without_positions_tiles_lie_by_row_and_column_and_in_order(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, row=5, col=8)
    put(desk, scan_id, draw_marked((40, 40)), row=6, col=7)
    put(desk, scan_id, draw_marked((50, 50)), name="loose.png")

    view = view_of(desk, scan_id)

    assert (view.laid_out, view.unit, view.um_per_px) == ("grid", "px", None)
    assert view.extent == (0, 0, 800, 900)
    square, pixel = seen_at(desk, scan_id, 14, 400 + MARK_PX[0], MARK_PX[1])
    assert middle_of_red(square) == pytest.approx(pixel, abs=0.6)


def test_beside_tiles_with_positions_others_are_counted_and_not_placed(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, **at(0, 0))
    put(desk, scan_id, draw_marked((40, 40)), row=0, col=0)

    view = view_of(desk, scan_id)

    assert (view.laid_out, view.tiles, view.tiles_without_place) == ("stage", 1, 1)


def test_a_scan_without_tiles_has_nothing_to_show_and_says_so(desk):
    scan_id = open_scan(desk)

    view = view_of(desk, scan_id)

    assert (view.extent, view.origin, view.resolutions, view.tiles) == (None, None, [], 0)
    with pytest.raises(NotFound, match="nothing to show yet"):
        draw_square(desk, scan_id, (0, 0, 0), None)
    with pytest.raises(NotFound, match="no scan"):
        map_of_scan(desk.stores.sessions, desk.shelves, scan_id + 1)


def test_a_deleted_scan_takes_its_thumbnails_along(desk):
    scan_id = open_scan(desk)
    put(desk, scan_id, **at(0, 0))

    with writing(desk.stores.sessions) as session:
        session.execute(delete(Scan).where(Scan.id == scan_id))
    with desk.stores.sessions() as session:
        left = session.query(Thumbnail).count()

    assert left == 0


def test_a_shelf_makes_once_what_many_ask_for_at_the_same_time():
    shelf = Shelf[bytes](100, len)
    made, begun, go_on = [], threading.Event(), threading.Event()

    def make() -> bytes:
        made.append(1)
        begun.set()
        go_on.wait(5)
        return b"picture"

    got = []
    threads = [threading.Thread(target=lambda: got.append(shelf.get("a", make))) for _ in range(5)]
    for thread in threads:
        thread.start()
    begun.wait(5)
    go_on.set()
    for thread in threads:
        thread.join()

    assert (got, made) == ([b"picture"] * 5, [1])


def test_a_shelf_drops_what_was_not_asked_for_longest():
    shelf = Shelf[bytes](10, len)
    asked = []

    def get(key: str) -> bytes:
        return shelf.get(key, lambda: asked.append(key) or b"1234")

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)

    assert asked == ["a", "b", "c", "b"]


def test_as_many_thumbnails_are_made_as_patience_allows(desk):
    desk = replace(desk, patience_s=-1)
    scan_id = open_scan(desk)
    for n in range(3):
        put(desk, scan_id, draw_marked((20 + n, 20)), by=screen_as_before, **at(200 * n, 0))

    drawn = draw_overview(desk, scan_id, 128, None).drawn

    assert not drawn.is_final
    assert view_of(desk, scan_id).tiles_without_picture == 2
