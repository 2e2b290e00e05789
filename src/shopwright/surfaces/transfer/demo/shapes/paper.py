# ruff: noqa: E501  The path of a shape is one string.
"""Things for the desk, seen from above."""

from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import (
    FLAT,
    INK,
    METAL,
    PAPER,
    WEAVE,
    WOOD,
    Tones,
    box,
    oval,
    shape,
    stroke,
    textured,
    turned,
)


def notebook(c: Tones) -> str:
    pages = "".join(
        box(262 + i * 4, 142 + i * 4, 300, 520, 8, colour) for i, colour in enumerate(("#e6dcc8", "#f5eedd", "#e6dcc8"))
    )
    cover = textured("M256 130 H540 Q556 130 556 146 V634 Q556 650 540 650 H256 Z", WEAVE, FLAT)
    return turned(
        -9,
        pages
        + cover
        + box(256, 130, 34, 520, 0, c.dark)
        + box(508, 130, 12, 520, 0, c.deep)
        + box(350, 230, 120, 84, 4, PAPER)
        + stroke("M370 258 H450 M370 280 H430", 5, INK, 0.6),
    )


def book(c: Tones) -> str:
    leaves = "".join(
        f'<ellipse cx="{410 + dx}" cy="{400 + dy}" rx="40" ry="15" fill="{PAPER}" transform="rotate({turn} {410 + dx} {400 + dy})"/>'
        for dx, dy, turn in ((-36, 70, 35), (36, 40, -35), (-36, 0, 35), (36, -30, -35), (0, -92, 90))
    )
    pages = box(258, 150, 312, 524, 6, "#e6dcc8") + box(254, 144, 312, 524, 6, "#f5eedd")
    cover = textured("M246 130 H546 Q556 130 556 140 V642 Q556 652 546 652 H246 Z", WEAVE, FLAT) + box(
        246, 130, 24, 522, 0, c.dark
    )
    title = stroke("M340 196 H480 M366 226 H454", 10, PAPER) + stroke("M364 596 H456", 6, PAPER, 0.8)
    return turned(7, pages + cover + title + stroke("M410 530 V320", 6, PAPER) + leaves)


def pen(c: Tones) -> str:
    body = (
        box(372, 250, 56, 350, 20, "url(#round)")
        + shape("M374 590 H426 L408 680 H392 Z", METAL)
        + shape("M396 676 H404 L400 712 Z", INK)
        + box(370, 240, 60, 22, 4, "#c9a24b")
    )
    cap = (
        box(370, 90, 60, 160, 22, "url(#round)")
        + box(420, 110, 12, 120, 6, "#c9a24b")
        + stroke("M384 280 V570", 8, "#ffffff", 0.4)
    )
    return turned(40, body + cap)


def pencils(c: Tones) -> str:
    def one(x: float, colour: str) -> str:
        return (
            box(x, 210, 44, 400, 0, colour)
            + box(x, 210, 15, 400, 0, "#ffffff26")
            + shape(f"M{x} 212 L{x + 22} 120 L{x + 44} 212 Z", "#e7c99b")
            + shape(f"M{x + 15} 150 L{x + 22} 120 L{x + 29} 150 Z", INK)
            + box(x, 604, 44, 30, 4, "#c9a24b")
        )

    colours = (c.deep, c.dark, c.base, c.light, "#e3b04b")
    return turned(
        -14,
        "".join(one(262 + i * 58, colour) for i, colour in enumerate(colours))
        + box(246, 400, 306, 110, 4, PAPER)
        + stroke("M290 440 H510 M290 470 H430", 6, INK, 0.6),
    )


def cards(c: Tones) -> str:
    def sprig(x: float, y: float) -> str:
        leaves = "".join(
            f'<ellipse cx="{x + dx}" cy="{y + dy}" rx="34" ry="13" fill="{c.base}" transform="rotate({turn} {x + dx} {y + dy})"/>'
            for dx, dy, turn in ((-30, 60, 35), (30, 30, -35), (-28, 0, 35), (28, -34, -35), (0, -76, 90))
        )
        return stroke(f"M{x} {y + 130} V{y - 60}", 5, c.dark) + leaves

    envelope = (
        box(180, 250, 420, 300, 8, c.light)
        + shape("M180 256 L390 420 L600 256", c.dark, 0.55)
        + stroke("M180 256 L390 420 L600 256", 4, c.deep, 0.5)
    )
    return turned(-12, envelope) + turned(8, box(300, 210, 280, 390, 6, PAPER) + sprig(440, 380))


def calendar(c: Tones) -> str:
    days = "".join(
        box(276 + (i % 7) * 37, 424 + (i // 7) * 42, 24, 24, 4, c.base if i in (4, 11, 17, 24) else "#d9d0c0")
        for i in range(3, 31)
    )
    art = (
        shape("M240 340 L320 240 L384 316 L450 210 L560 340 Z", c.base)
        + shape("M240 340 L300 290 L380 340 Z", c.deep)
        + oval(500, 190, 34, 34, "#e8b756")
    )
    hills = box(240, 130, 320, 210, 0, c.pale) + art
    return (
        box(240, 120, 320, 540, 6, PAPER)
        + hills
        + stroke("M276 388 H420", 10, INK, 0.75)
        + days
        + box(228, 104, 344, 30, 10, WOOD)
        + stroke("M340 104 L400 50 L460 104", 5, INK)
    )


def deskpad(c: Tones) -> str:
    return (
        textured(
            "M110 220 Q110 200 130 200 H670 Q690 200 690 220 V600 Q690 620 670 620 H130 Q110 620 110 600 Z", WEAVE, FLAT
        )
        + stroke("M126 216 H674 V604 H126 Z", 3, c.light, 0.6)
        + box(170, 260, 220, 290, 4, PAPER)
        + stroke("M196 310 H360 M196 346 H360 M196 382 H320", 4, INK, 0.35)
        + turned(24, box(520, 270, 22, 240, 10, WOOD), 530, 390)
    )


def boxes(c: Tones) -> str:
    def one(x: float, y: float, width: float, height: float, fill: str, lid: str) -> str:
        return (
            box(x, y, width, height, 6, fill)
            + box(x - 8, y - 26, width + 16, 56, 6, lid)
            + box(x + width / 2 - 46, y + height / 2 + 2, 92, 46, 4, PAPER)
            + stroke(f"M{x + width / 2 - 26} {y + height / 2 + 25} h52", 5, INK, 0.6)
        )

    return (
        one(200, 480, 400, 160, FLAT, c.dark)
        + one(240, 330, 320, 124, c.light, c.base)
        + one(290, 206, 220, 98, c.deep, c.dark)
    )


def tape(c: Tones) -> str:
    def roll(x: float, y: float, colour: str, accent: str) -> str:
        ring = (
            oval(x, y, 118, 118, colour)
            + f'<circle cx="{x}" cy="{y}" r="92" fill="none" stroke="{accent}" stroke-width="14" stroke-dasharray="22 16"/>'
        )
        return ring + oval(x, y, 66, 66, "#d9b98c") + oval(x + 3, y + 4, 54, 54, "#efe6d8")

    return roll(290, 300, c.base, c.light) + roll(520, 350, c.pale, c.base) + roll(380, 530, c.dark, c.light)


def scissors(c: Tones) -> str:
    blade = shape("M392 400 L384 110 C400 100 420 150 424 400 Z", METAL)
    loop = f'<ellipse cx="330" cy="590" rx="54" ry="88" fill="none" stroke="{c.base}" stroke-width="30"/>' + stroke(
        "M366 516 L400 410", 32, c.base
    )
    mirrored = f'<g transform="translate(800 0) scale(-1 1)">{turned(-13, blade, 400, 410)}{loop}</g>'
    return turned(24, mirrored + turned(-13, blade, 400, 410) + loop + oval(400, 408, 15, 15, "#c9a24b"))


def ink(c: Tones) -> str:
    return (
        shape("M290 400 H510 L560 470 V610 Q560 640 530 640 H270 Q240 640 240 610 V470 Z", "#e4ebee")
        + shape("M254 500 H546 V606 Q546 628 524 628 H276 Q254 628 254 606 Z")
        + box(330, 340, 140, 70, 8, "#d7e0e3")
        + box(312, 266, 176, 90, 12, INK)
        + stroke("M330 286 V340", 6, "#ffffff", 0.3)
        + box(320, 510, 160, 90, 4, PAPER)
        + stroke("M346 542 H454 M370 568 H430", 5, c.base)
        + stroke("M268 486 V600", 10, "#ffffff", 0.5)
    )


def giftcard(c: Tones) -> str:
    ribbon = box(330, 250, 44, 300, 0, c.deep) + box(170, 378, 460, 44, 0, c.deep)
    bow = shape("M352 400 C290 310 230 350 262 392 C284 416 330 412 352 400 Z", c.dark)
    mirrored = f'<g transform="translate(704 0) scale(-1 1)">{bow}</g>'
    return turned(
        -7,
        box(170, 250, 460, 300, 22)
        + ribbon
        + bow
        + mirrored
        + oval(352, 400, 20, 18, c.light)
        + stroke("M440 484 H590 M440 512 H540", 8, PAPER, 0.8),
    )


LIES_FLAT = {"giftcard", "notebook", "book", "pen", "pencils", "cards", "calendar", "deskpad", "tape", "scissors"}
SHAPES: dict[str, Callable[[Tones], str]] = {
    "notebook": notebook,
    "book": book,
    "pen": pen,
    "pencils": pencils,
    "cards": cards,
    "calendar": calendar,
    "deskpad": deskpad,
    "boxes": boxes,
    "tape": tape,
    "scissors": scissors,
    "ink": ink,
    "giftcard": giftcard,
}
