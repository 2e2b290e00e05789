# ruff: noqa: E501  The path of a shape is one string.
"""Wool, linen and cotton."""

from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import (
    FLAT,
    PAPER,
    ROUND,
    WEAVE,
    Tones,
    box,
    gleam,
    moved,
    oval,
    shape,
    stroke,
    textured,
    turned,
)


def throw(c: Tones) -> str:
    fringe = "".join(
        stroke(f"M{x} 560 q{6 if i % 2 else -6} 40 0 78", 5, c.base) for i, x in enumerate(range(214, 590, 15))
    )
    stripes = box(200, 470, 400, 14, 0, c.pale) + box(200, 500, 400, 6, 0, c.pale) + box(200, 520, 400, 14, 0, c.pale)
    return (
        fringe
        + textured("M200 300 Q200 280 224 280 H576 Q600 280 600 300 V566 H200 Z", WEAVE, FLAT)
        + stripes
        + textured(
            "M196 318 C196 268 210 240 250 240 H550 C590 240 604 268 604 318 C604 342 590 350 560 350 H240 C210 350 196 342 196 318 Z",
            WEAVE,
        )
        + stroke("M220 318 H580", 4, c.deep, 0.4)
    )


def cushion(c: Tones) -> str:
    d = "M190 300 C250 268 550 268 610 300 C640 360 640 560 612 626 C550 650 250 650 188 626 C160 560 160 360 190 300 Z"
    return (
        textured(d, WEAVE, FLAT)
        + stroke(d, 7, c.dark, 0.6)
        + stroke("M240 340 C300 420 320 520 262 596 M560 340 C500 420 480 520 538 596", 8, c.dark, 0.28)
        + gleam("M230 318 C330 298 450 298 520 306", 10)
    )


def towels(c: Tones) -> str:
    def one(x: float, y: float, width: float, fill: str, band: str) -> str:
        d = f"M{x} {y} h{width} q34 44 0 88 h-{width} q-34 -44 0 -88 Z"
        return (
            textured(d, WEAVE, fill)
            + stroke(f"M{x + 6} {y + 46} h{width - 8}", 4, c.deep, 0.35)
            + box(x + width * 0.66, y + 2, 16, 84, 0, band)
            + box(x + width * 0.66 + 24, y + 2, 6, 84, 0, band)
        )

    return (
        one(216, 550, 372, c.dark, c.pale)
        + one(224, 458, 356, FLAT, c.pale)
        + one(232, 366, 340, c.light, PAPER)
        + one(246, 290, 310, c.pale, c.base)
    )


def bedding(c: Tones) -> str:
    return (
        box(90, 250, 30, 390, 10, "url(#wood)")
        + box(680, 250, 30, 390, 10, "url(#wood)")
        + box(100, 280, 600, 200, 14, "url(#wood)")
        + box(110, 520, 580, 110, 16, "#efe7d8")
        + textured("M130 440 C140 390 360 386 384 440 V510 H130 Z", WEAVE, c.light)
        + textured("M416 440 C440 386 660 390 670 440 V510 H416 Z", WEAVE, c.light)
        + textured(
            "M104 500 C200 470 600 470 696 500 V600 C600 640 500 590 400 610 C300 630 200 600 104 616 Z", WEAVE, FLAT
        )
        + shape("M104 500 C200 470 600 470 696 500 V530 C600 500 200 500 104 530 Z", PAPER)
        + stroke("M240 550 C260 580 250 600 256 610 M540 544 C530 570 540 590 534 604", 6, c.dark, 0.35)
    )


def rug(c: Tones) -> str:
    fringe = "".join(stroke(f"M{x} 120 V88 M{x} 680 V712", 4, "#e8dcc4") for x in range(252, 560, 12))
    diamonds = "".join(
        shape(f"M400 {y - 62} L500 {y} L400 {y + 62} L300 {y} Z", PAPER, 0.9)
        + shape(f"M400 {y - 34} L456 {y} L400 {y + 34} L344 {y} Z", c.dark)
        for y in (220, 400, 580)
    )
    return turned(
        12,
        fringe
        + textured("M244 120 H556 V680 H244 Z", WEAVE, FLAT)
        + diamonds
        + "".join(box(244, y, 312, 9, 0, c.pale) for y in (136, 302, 490, 654)),
        400,
        400,
    )


def tote(c: Tones) -> str:
    return (
        stroke("M320 330 C320 130 480 130 480 330", 24, c.dark)
        + textured("M232 320 H568 L590 620 Q592 640 570 640 H230 Q208 640 210 620 Z", WEAVE, FLAT)
        + stroke("M240 344 H560", 4, c.deep, 0.5)
        + oval(400, 492, 76, 76, PAPER, 0.92)
        + stroke("M400 546 V450 M400 520 C370 510 360 490 358 470 M400 500 C430 490 440 470 442 450", 7, c.base)
        + stroke("M320 330 V372 M480 330 V372", 24, c.dark)
    )


def hotwater(c: Tones) -> str:
    knit = "".join(stroke(f"M{x} 350 V610", 5, c.dark, 0.45) for x in range(292, 520, 24))
    return (
        box(366, 180, 68, 84, 12, "#b9483a")
        + textured(
            "M344 250 H456 V310 C540 320 560 360 560 420 V570 Q560 640 490 640 H310 Q240 640 240 570 V420 C240 360 260 320 344 310 Z",
            WEAVE,
        )
        + knit
        + box(330, 240, 140, 40, 18, c.light)
        + gleam("M268 430 V570", 10)
    )


def napkins(c: Tones) -> str:
    one = textured("M-130 -130 H130 V130 H-130 Z", WEAVE, FLAT) + stroke(
        "M-116 -116 H116 V116 H-116 Z", 3, c.light, 0.8
    )
    return (
        turned(-14, moved(360, 430, one, 1.5), 400, 400)
        + turned(
            9,
            moved(
                440,
                380,
                textured("M-130 -130 H130 V130 H-130 Z", WEAVE, c.light)
                + stroke("M-116 -116 H116 V116 H-116 Z", 3, c.dark, 0.6),
                1.4,
            ),
            400,
            400,
        )
        + '<circle cx="436" cy="384" r="52" fill="none" stroke="#c3925f" stroke-width="22"/>'
    )


def socks(c: Tones) -> str:
    one = textured(
        "M-60 -230 H60 V40 C60 80 150 96 190 130 C226 164 206 214 160 214 H10 C-50 214 -66 170 -62 110 Z", WEAVE, FLAT
    ) + box(-66, -240, 132, 62, 12, c.dark)
    toe = (
        shape("M132 108 C226 130 226 214 150 214 H118 C146 186 150 146 132 108 Z", c.dark)
        + box(-60, -150, 120, 12, 0, c.pale)
        + box(-60, -126, 120, 6, 0, c.pale)
    )
    return turned(-8, moved(300, 390, one + toe, 1.06)) + turned(6, moved(460, 420, one + toe, 1.06))


def slippers(c: Tones) -> str:
    one = (
        oval(0, 0, 94, 236, c.dark)
        + oval(0, -4, 82, 222, "#eadfca")
        + textured("M-94 -40 C-94 -180 -50 -238 0 -238 C50 -238 94 -180 94 -40 C60 -4 -60 -4 -94 -40 Z", WEAVE, ROUND)
        + stroke("M-94 -40 C-60 -4 60 -4 94 -40", 10, PAPER)
    )
    return turned(-9, moved(286, 400, one)) + turned(9, moved(514, 410, one))


LIES_FLAT = {"rug", "napkins", "socks", "slippers"}
SHAPES: dict[str, Callable[[Tones], str]] = {
    "throw": throw,
    "cushion": cushion,
    "towels": towels,
    "bedding": bedding,
    "rug": rug,
    "tote": tote,
    "hotwater": hotwater,
    "napkins": napkins,
    "socks": socks,
    "slippers": slippers,
}
