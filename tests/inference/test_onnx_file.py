"""An ONNX file that reads the host's files, loops or brings code of its own is refused unread."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from service.confined import Limits
from service.errors import InvalidModel, InvalidValue
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.onnx_file import check_file
from service.inference.shipped import shipped_model
from service.registry.trying import try_alone
from tests.inference.tiny_model import write_tiny_model

LIMITS = Limits(memory_bytes=512 * 2**20, time_s=60)


@pytest.fixture
def model(tmp_path: Path) -> onnx.ModelProto:
    return onnx.load(write_tiny_model(tmp_path / "tiny.onnx"))


def external(tensor: TensorProto, location: str) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": "0", "length": "4"}.items():
        tensor.external_data.add(key=key, value=value)


def test_weights_outside_of_the_file_are_refused_and_never_read(
    model: onnx.ModelProto, tmp_path: Path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(np.float32(7).tobytes())
    external(next(one for one in model.graph.initializer if one.name == "bias"), "secret")

    with pytest.raises(InvalidModel, match="data outside of the file"):
        OnnxClassifier(model.SerializeToString())


@pytest.mark.parametrize("place", ["attribute", "sparse", "location only"])
def test_data_outside_of_the_file_is_found_wherever_it_stands(model: onnx.ModelProto, place: str):
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), "t")
    if place == "location only":
        tensor.data_location = TensorProto.EXTERNAL
    else:
        external(tensor, "/etc/passwd")
    if place == "sparse":
        model.graph.sparse_initializer.add().values.CopyFrom(tensor)
    else:
        model.graph.node.insert(0, helper.make_node("Constant", [], ["unused"], value=tensor))

    with pytest.raises(InvalidModel, match="data outside of the file"):
        check_file(model.SerializeToString())


def endless() -> onnx.NodeProto:
    condition = helper.make_tensor_value_info("go", TensorProto.BOOL, [])
    inputs = [helper.make_tensor_value_info("i", TensorProto.INT64, []), condition]
    same = helper.make_node("Identity", ["go"], ["on"])
    on = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    body = helper.make_graph([same], "body", inputs, [on])
    return helper.make_node("Loop", ["", "true"], [], body=body)


def test_loops_functions_and_other_domains_are_refused(model: onnx.ModelProto):
    looping, function, domain, training = (onnx.ModelProto() for _ in range(4))
    for one in (looping, function, domain, training):
        one.CopyFrom(model)
    looping.graph.node.append(endless())
    function.functions.append(
        helper.make_function("own", "F", ["x"], ["y"], [], [helper.make_opsetid("", 20)])
    )
    domain.graph.node.append(helper.make_node("Run", [], ["z"], domain="evil.org"))
    training.training_info.add()

    for one, reason in (
        (looping, "operator Loop"),
        (function, "functions of its own"),
        (domain, "another domain"),
        (training, "information for training"),
    ):
        with pytest.raises(InvalidModel, match=reason):
            check_file(one.SerializeToString())


def test_networks_of_this_service_pass():
    check_file(shipped_model().read_bytes())


def test_bytes_of_any_kind_are_refused_in_words_or_pass(model: onnx.ModelProto):
    rng = np.random.default_rng(1)
    whole = model.SerializeToString()
    for _ in range(500):
        content = bytearray(whole)
        for at in rng.integers(0, len(whole), 3):
            content[at] = rng.integers(0, 256)
        with suppress(InvalidModel):
            check_file(bytes(content[: rng.integers(1, len(whole) + 1)]))


def test_a_network_is_tried_in_a_process_of_its_own(tmp_path: Path):
    content = write_tiny_model(tmp_path / "tiny.onnx", version="v").read_bytes()

    tried = try_alone(LIMITS, content, None)

    assert (tried.metadata.version, tried.metadata.classes[0]) == ("v", "graphene")
    assert tried.sha256 == OnnxClassifier(content).sha256
    with pytest.raises(InvalidValue, match="reference is no npz"):
        try_alone(LIMITS, content, b"no npz")


def test_a_network_that_takes_gigabytes_is_refused_with_the_limit(model: onnx.ModelProto):
    # 40 billion bytes from a shape of one number.
    shape = numpy_helper.from_array(np.array([10**10], np.int64), "many")
    model.graph.initializer.append(shape)
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["many"], ["zeros"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["zeros"], ["sum_of_all"], keepdims=0))
    model.graph.output.append(helper.make_tensor_value_info("sum_of_all", TensorProto.FLOAT, []))

    with pytest.raises(InvalidModel):
        try_alone(LIMITS, model.SerializeToString(), None)
