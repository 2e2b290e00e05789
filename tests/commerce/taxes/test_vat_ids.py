import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.commerce.taxes import vat_ids
from shopwright.commerce.taxes.errors import VatIdNotValid
from tests.shopping import Buyer, Shop


def why(text: str) -> str:
    with pytest.raises(VatIdNotValid) as refused:
        vat_ids.checked(text, "/vat_id")
    (fault,) = refused.value.facts["errors"]
    assert fault["pointer"] == "/vat_id"
    return str(fault["detail"])


@pytest.mark.parametrize(
    ("written", "kept", "country"),
    [
        ("DE136695976", "DE136695976", "DE"),
        ("de 136 695 976", "DE136695976", "DE"),
        ("ATU13585627", "ATU13585627", "AT"),
        ("FR40303265045", "FR40303265045", "FR"),
        ("fr 403.032.650-45", "FR40303265045", "FR"),
        ("NL004495445B01", "NL004495445B01", "NL"),
        ("EL 094259216", "EL094259216", "GR"),
        ("GR094259216", "EL094259216", "GR"),
        ("IE6433435OA", "IE6433435OA", "IE"),
        ("PL8567346215", "PL8567346215", "PL"),
        ("IT00743110157", "IT00743110157", "IT"),
        ("XI980780684", "XI980780684", "XI"),
        ("GB 980 7806 84", "GB980780684", "GB"),
        ("CHE-107.787.577 IVA", "CHE107787577IVA", "CH"),
        ("NO 995 525 828 MVA", "NO995525828MVA", "NO"),
        ("AU83914571673", "AU83914571673", "AU"),
    ],
)
def test_a_right_id_is_kept_in_one_way(written: str, kept: str, country: str) -> None:
    assert vat_ids.checked(written, "/vat_id") == kept
    assert vat_ids.checked(kept, "/vat_id") == kept
    assert vat_ids.country_of(kept) == country


@pytest.mark.parametrize(
    "wrong",
    ["DE136695975", "ATU13585626", "FR41303265045", "PL8567346216", "IT00743110158", "EL094259217", "GB980780685"],
)
def test_a_digit_that_is_wrong_is_said(wrong: str) -> None:
    assert why(wrong) == f"A letter or digit of this VAT id of {wrong[:2]} is wrong: its check digits do not fit."


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("DE1366959", "A VAT id of DE has another length."),
        ("AT13585627", "This is not how a VAT id of AT is written."),
        ("NLX04495445B01", "This is not how a VAT id of NL is written."),
        ("CHE107787577", "A VAT id of CH has another length."),
        ("US123456789", "We cannot check VAT ids of US. Leave it out: it changes nothing here."),
        ("136695976", "Write the country's two letters and then the number, as in DE136695976."),
        ("DE", "Write the country's two letters and then the number, as in DE136695976."),
        ("\uff24\uff25136695976", "Write the country's two letters and then the number, as in DE136695976."),
    ],
)
def test_what_is_no_vat_id_is_told_why(wrong: str, said: str) -> None:
    assert why(wrong) == said


@given(st.text(max_size=40) | st.from_regex(r"[A-Z]{2}[A-Z0-9+*]{2,18}", fullmatch=True))
def test_whatever_is_written_is_kept_or_refused(text: str) -> None:
    try:
        kept = vat_ids.checked(text, "/vat_id")
    except VatIdNotValid:
        return
    assert vat_ids.checked(kept, "/vat_id") == kept
    assert len(kept) <= 20


def test_the_members_are_the_27_of_the_eu() -> None:
    assert len(vat_ids.MEMBERS) == 27
    assert {"GR", "HR", "IE"} <= vat_ids.MEMBERS
    assert not {"EL", "XI", "GB", "CH", "NO"} & vat_ids.MEMBERS


def test_a_cart_takes_a_vat_id_and_lets_go_of_it(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    path = f"/v1/carts/{buyer.cart['id']}"
    assert buyer.cart["vat_id"] is None
    taken = buyer.said(buyer.send("PATCH", path, {"vat_id": "de 136 695 976"}), 200)
    # Of the shop's own country: it is on the invoice, and changes nothing.
    assert (taken["vat_id"], taken["reverse_charge"]) == ("DE136695976", False)
    assert (taken["tax"], taken["total"], taken["tax_removed"]["amount"]) == (buyer.cart["tax"], buyer.cart["total"], 0)
    refused = buyer.send("PATCH", path, {"vat_id": "DE136695975"})
    assert buyer.said(refused, 422)["errors"] == [
        {
            "pointer": "/vat_id",
            "detail": "A letter or digit of this VAT id of DE is wrong: its check digits do not fit.",
        }
    ]
    assert buyer.said(buyer.send("GET", path), 200)["vat_id"] == "DE136695976"
    buyer._keep(taken)
    order = buyer.orders()
    assert (order["vat_id"], order["reverse_charge"], order["tax"]) == ("DE136695976", False, taken["tax"])
    assert buyer.looks_at_the_order()["vat_id"] == "DE136695976"


def test_null_takes_a_vat_id_out_again(buyer: Buyer, shop: Shop) -> None:
    buyer.fills_a_cart(shop.product())
    path = f"/v1/carts/{buyer.cart['id']}"
    buyer.said(buyer.send("PATCH", path, {"vat_id": "ATU13585627"}), 200)
    assert buyer.said(buyer.send("PATCH", path, {"vat_id": None}), 200)["vat_id"] is None
    buyer._keep(buyer.said(buyer.send("GET", path), 200))
    assert buyer.orders()["vat_id"] is None
