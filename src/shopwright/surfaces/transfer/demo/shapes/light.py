# ruff: noqa: E501  The path of a shape is one string.
"""Light and scent."""

from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import (
    FLAT,
    INK,
    METAL,
    WOOD,
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

FLAME = "M0 -74 C34 -30 30 0 0 4 C-30 0 -34 -30 0 -74 Z"


def _flame(x: float, y: float, size: float = 1) -> str:
    return moved(
        x,
        y,
        '<circle cx="0" cy="-36" r="120" fill="url(#glow)"/>'
        + shape(FLAME, "#f6a13c")
        + moved(0, 0, shape(FLAME, "#fff0b8"), 0.55),
        size,
    )


def candle(c: Tones) -> str:
    return (
        textured("M272 360 L280 610 Q282 640 320 640 H480 Q518 640 520 610 L528 360 Z")
        + oval(400, 360, 128, 28, c.light)
        + oval(400, 365, 114, 21, "#f4ead2")
        + oval(400, 368, 60, 9, "#fbf5e4")
        + stroke("M400 366 V330", 6, INK)
        + _flame(400, 334)
        + box(338, 450, 124, 110, 6, "#fbf7ef")
        + stroke("M362 482 H438 M362 506 H438 M380 530 H420", 5, INK, 0.65)
        + gleam("M306 410 L312 590", 14)
    )


def tapers(c: Tones) -> str:
    def one(x: int, top: int) -> str:
        stick = (
            box(x - 19, top, 38, 560 - top, 14, "url(#round)")
            + stroke(f"M{x} {top} V{top - 18}", 5, INK)
            + _flame(x, top - 14, 0.62)
        )
        return stick + shape(
            f"M{x - 30} 546 H{x + 30} L{x + 24} 600 L{x + 62} 640 H{x - 62} L{x - 24} 600 Z", "#c9a24b"
        )

    return one(270, 250) + one(530, 290) + one(400, 190)


def tablelamp(c: Tones) -> str:
    return (
        '<circle cx="400" cy="330" r="330" fill="url(#glow)" opacity=".75"/>'
        + box(390, 360, 20, 130, 6, METAL)
        + textured("M400 470 C500 470 510 600 470 640 H330 C290 600 300 470 400 470 Z")
        + shape("M310 150 H490 L580 390 Q400 420 220 390 Z", "#f7e9cb")
        + shape("M310 150 H490 L580 390 Q400 420 220 390 Z", "url(#weave)")
        + oval(400, 150, 90, 12, "#fdf5e0")
        + gleam("M338 540 C330 570 334 600 342 614", 12)
    )


def pendant(c: Tones) -> str:
    return (
        stroke("M400 0 V220", 6, INK)
        + '<ellipse cx="400" cy="520" rx="330" ry="200" fill="url(#glow)" opacity=".8"/>'
        + box(376, 206, 48, 50, 10, METAL)
        + oval(400, 470, 60, 56, "#fff0c4")
        + shape("M376 250 H424 C470 270 620 340 640 470 Q400 510 160 470 C180 340 330 270 376 250 Z")
        + shape("M160 470 Q400 510 640 470 Q400 438 160 470 Z", "#fbe6b0")
        + gleam("M236 400 C260 350 310 316 340 304", 14)
    )


def lantern(c: Tones) -> str:
    frame = "M280 330 H520 V610 H280 Z"
    return (
        stroke("M340 230 C340 110 460 110 460 230", 12, c.dark)
        + shape("M352 220 H448 L540 320 H260 Z")
        + shape(frame, "#fff6df", 0.55)
        + box(360, 480, 80, 130, 8, "#f4ead2")
        + stroke("M400 480 V460", 5, INK)
        + _flame(400, 462, 0.8)
        + stroke("M280 330 V610 M520 330 V610 M360 330 V400 M440 330 V400", 14, c.base)
        + box(262, 314, 276, 24, 6)
        + box(256, 606, 288, 34, 8)
        + stroke("M310 350 L310 590", 8, "#ffffff", 0.7)
    )


def diffuser(c: Tones) -> str:
    reeds = "".join(
        stroke(f"M400 400 L{x} {y}", 9, "#c39b6a") for x, y in ((270, 130), (330, 90), (392, 70), (460, 94), (530, 136))
    )
    return (
        reeds
        + shape(
            "M370 360 H430 V430 C500 440 530 480 530 530 V600 Q530 640 490 640 H310 Q270 640 270 600 V530 C270 480 300 440 370 430 Z"
        )
        + box(362, 350, 76, 26, 8, WOOD)
        + box(326, 500, 148, 100, 6, "#fbf7ef")
        + stroke("M352 530 H448 M352 552 H448 M374 574 H426", 5, INK, 0.65)
        + gleam("M294 520 V610", 12)
    )


def incense(c: Tones) -> str:
    smoke = stroke("M520 250 C480 210 560 170 520 120 C490 80 540 50 520 20", 10, "#ffffff", 0.65)
    return (
        smoke
        + stroke("M330 600 L520 256", 7, "#7b5a45")
        + oval(520, 256, 7, 7, "#e2703a")
        + textured("M190 596 Q200 640 250 640 H550 Q600 640 610 596 Z")
        + oval(400, 596, 210, 28, c.light)
        + oval(400, 600, 190, 19, c.dark)
        + oval(332, 598, 16, 6, c.deep)
    )


def matches(c: Tones) -> str:
    sticks = "".join(
        turned(turn, box(x, 240, 12, 300, 3, "#e0c493") + oval(x + 6, 238, 12, 18, c.base), x, 560)
        for x, turn in ((320, -9), (352, -2), (384, 4), (416, -4), (448, 3), (472, 9))
    )
    return (
        sticks
        + shape("M270 420 L284 640 H516 L530 420 Z", "#fbf7ef")
        + shape("M270 420 H530 L528 452 H272 Z", c.base)
        + shape("M276 540 H524 L516 640 H284 Z", FLAT)
        + oval(400, 496, 34, 34, c.base)
        + moved(400, 518, shape(FLAME, "#fbf7ef"), 0.55)
    )


def fairylights(c: Tones) -> str:
    bulbs = (
        (130, 214),
        (222, 284),
        (330, 320),
        (440, 318),
        (548, 282),
        (664, 212),
        (180, 440),
        (296, 498),
        (420, 514),
        (540, 490),
        (646, 434),
    )
    wires = stroke("M40 130 C220 380 560 380 760 130", 5, INK) + stroke("M90 360 C260 570 560 560 720 370", 5, INK)
    return wires + "".join(
        moved(
            x,
            y,
            '<circle cy="34" r="86" fill="url(#glow)"/>'
            + box(-10, -12, 20, 24, 5, INK)
            + oval(0, 36, 21, 28, "#fff0c4")
            + oval(0, 38, 12, 18, c.light),
            1,
        )
        for x, y in bulbs
    )


def soap(c: Tones) -> str:
    return (
        box(190, 600, 420, 40, 14, WOOD)
        + shape("M250 500 Q250 470 290 470 H520 Q556 470 556 500 V580 Q556 604 520 604 H290 Q250 604 250 580 Z")
        + oval(403, 500, 120, 12, c.light, 0.8)
        + shape("M300 380 Q300 354 334 354 H480 Q510 354 510 380 V452 Q510 472 480 472 H334 Q300 472 300 452 Z", FLAT)
        + box(300, 392, 210, 44, 0, "#fbf7ef")
        + stroke("M340 414 H470", 6, INK, 0.6)
        + gleam("M280 520 V576", 10)
    )


SHAPES: dict[str, Callable[[Tones], str]] = {
    "candle": candle,
    "tapers": tapers,
    "tablelamp": tablelamp,
    "pendant": pendant,
    "lantern": lantern,
    "diffuser": diffuser,
    "incense": incense,
    "matches": matches,
    "fairylights": fairylights,
    "soap": soap,
}
