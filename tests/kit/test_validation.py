import msgspec
import pytest
from msgspec import Struct

from shopwright.kit.errors import ValidationFailed
from shopwright.kit.validation import decode_json


class Circle(Struct, tag="circle", forbid_unknown_fields=True):
    radius: int


class Square(Struct, tag="square", forbid_unknown_fields=True):
    side: int = 1


class Drawing(Struct):
    shapes: tuple[Circle | Square, ...]


@pytest.mark.parametrize(
    ("shape", "pointer"),
    [
        ({"type": "circle", "radius": "wide"}, "/shapes/1/radius"),
        ({"type": "circle", "radius": 1, "color": "red"}, "/shapes/1/color"),
        ({"type": "circle"}, "/shapes/1/radius"),
        ({"type": "line"}, "/shapes/1"),
        ({"radius": 1}, "/shapes/1"),
        ([], "/shapes/1"),
    ],
)
def test_a_fault_inside_one_of_several_kinds_is_pointed_at(shape: object, pointer: str) -> None:
    body = msgspec.json.encode({"shapes": [{"type": "circle", "radius": 1}, shape]})

    with pytest.raises(ValidationFailed) as refused:
        decode_json(msgspec.json.Decoder(Drawing), body)

    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [pointer]
