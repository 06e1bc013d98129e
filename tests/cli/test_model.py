"""`flakescope model`: the gate's reasons are read, one a line."""

from pathlib import Path

from service.settings import Settings
from tests.api.serving import serving
from tests.cli.conftest import Run
from tests.inference.tiny_model import write_tiny_model


def test_models_are_listed_promoted_with_reasons_and_rolled_back(run: Run, tmp_path: Path):
    first = write_tiny_model(tmp_path / "first.onnx", version="first", weight=-50)
    with serving(Settings(data_dir=tmp_path, model=first)) as service:
        for version, weight in (("flipped", 50), ("same", -50)):
            path = write_tiny_model(tmp_path / "new.onnx", version=version, weight=weight)
            proof = {"metrics": '{"parity_difference": 1e-6}'}
            service.http.post("/v1/models", files={"model": path.read_bytes()}, data=proof)
        url = ("--url", str(service.http.base_url))
        refused = run("model", "promote", "flipped", *url)
        listed = run("model", "list", *url)
        promoted = run("model", "promote", "same", *url)
        forced = run("model", "promote", "flipped", "--force", *url)
        back = run("model", "rollback", *url)
        unknown = run("model", "promote", "none", *url)

    assert refused.exit_code == 1
    assert refused.stderr.startswith("flipped is not promoted:\n- It is worse on the holdout")
    assert "* first:" in listed.stdout
    assert "  flipped:" in listed.stdout
    assert "    It is worse on the holdout" in listed.stdout
    assert promoted.stdout.startswith("same screens from now on.\n  balanced accuracy on the hold")
    assert "Forced, against:\n  - It is worse on the holdout" in forced.stdout
    assert back.stdout == "same screens again.\n"
    assert (unknown.exit_code, "none" in unknown.stderr) == (1, True)
