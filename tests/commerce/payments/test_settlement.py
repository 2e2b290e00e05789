from pathlib import Path
from uuid import UUID

import pytest

from shopwright.commerce.payments.provider import MovementKind
from shopwright.commerce.payments.settlement import NoSettlementFile, read
from shopwright.kit.money import Money

HEAD = "id,kind,amount,currency,at,payment_ref,subject_ref,payment_id,refund_id\n"
WHEN = "2026-11-24T10:00:00Z"
PAYMENT = "0192d3c0-0000-7000-8000-000000000001"


def written(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "settlement.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_settlement_file_is_read(tmp_path: Path) -> None:
    first, fee = read(
        written(
            tmp_path,
            f"\ufeff{HEAD}mv_1,capture,2390,EUR,{WHEN},pay_1,,{PAYMENT},\nfee_1,fee,58,EUR,{WHEN},pay_1,,{PAYMENT},\n",
        )
    )
    assert (first.kind, first.amount, first.payment_id) == (MovementKind.CAPTURE, Money(2390, "EUR"), UUID(PAYMENT))
    assert (fee.kind, fee.amount.amount, fee.refund_id) == (MovementKind.FEE, 58, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "columns are missing: amount, at, currency, id, kind, payment_ref"),
        ("id,kind\n", "columns are missing: amount, at, currency, payment_ref"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (f"{HEAD}mv_1,capture,12.50,EUR,{WHEN},p,,,\n", "line 2: invalid literal"),
        (f"{HEAD}mv_1,capture,-5,EUR,{WHEN},p,,,\n", "line 2: `amount` must be above zero"),
        (f"{HEAD}mv_1,theft,5,EUR,{WHEN},p,,,\n", "line 2: Invalid enum value 'theft'"),
        (f"{HEAD}mv_1,capture,5,euro,{WHEN},p,,,\n", "line 2: Expected `str` matching regex"),
        (f"{HEAD}mv_1,capture,5,EUR,yesterday,p,,,\n", "line 2: Invalid RFC3339"),
        (f"{HEAD}mv_1,capture\n", "line 2: invalid literal"),
        (f"{HEAD}a,fee,1,EUR,{WHEN},p,,,,,\n", "line 2: has more cells"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(NoSettlementFile) as refused:
        read(written(tmp_path, text))
    assert says in str(refused.value)


def test_every_fault_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoSettlementFile) as refused:
        read(
            written(
                tmp_path, f"{HEAD}a,capture,x,EUR,{WHEN},p,,,\nb,capture,1,EUR,{WHEN},p,,,\nc,fee,0,EUR,{WHEN},p,,,\n"
            )
        )
    assert [line.partition(", ")[2][:6] for line in str(refused.value).split("\n")] == ["line 2", "line 4"]
