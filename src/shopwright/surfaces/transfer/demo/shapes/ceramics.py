# ruff: noqa: E501  The path of a shape is one string.
"""Things of stoneware. They stand on the table at y = 640."""

from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import SPECKLE, Tones, gleam, moved, oval, shape, stroke, textured

CLAY = "#c9a585"


def mug(c: Tones) -> str:
    body = "M275 350 L284 590 Q287 640 340 640 H460 Q513 640 516 590 L525 350 Z"
    return (
        stroke("M516 410 C640 392 640 566 504 562", 32, c.dark)
        + stroke("M516 404 C632 388 632 558 504 556", 10, c.light, 0.5)
        + textured(body)
        + shape("M285 602 Q290 640 340 640 H460 Q510 640 515 602 Q400 628 285 602 Z", CLAY)
        + oval(400, 350, 125, 27, c.light)
        + oval(400, 354, 111, 20, c.deep)
        + oval(408, 361, 88, 12, "#5a3a22", 0.75)
        + gleam("M318 400 L324 560")
    )


def cup(c: Tones) -> str:
    one = (
        oval(0, 104, 150, 26, c.dark)
        + oval(0, 98, 150, 25, c.light)
        + oval(0, 99, 96, 14, c.dark, 0.5)
        + stroke("M84 10 C150 0 146 80 68 70", 18, c.dark)
        + textured("M-92 -20 C-90 60 -62 100 -30 100 H30 C62 100 90 60 92 -20 Z")
        + oval(0, -20, 92, 19, c.light)
        + oval(0, -17, 80, 13, "#4a2d1a")
        + gleam("M-62 20 C-58 50 -48 70 -40 78", 10)
    )
    return moved(470, 500, one, 0.8) + moved(320, 534, one, 0.98)


def bowl(c: Tones) -> str:
    return (
        shape("M340 640 L352 612 H448 L460 640 Z", c.deep)
        + textured("M170 420 C180 540 270 626 345 626 H455 C530 626 620 540 630 420 Z")
        + oval(400, 420, 230, 52, c.light)
        + oval(400, 426, 212, 42, c.dark)
        + oval(400, 442, 160, 24, c.base, 0.7)
        + gleam("M220 500 C240 550 270 580 300 596", 16)
    )


def plate(c: Tones) -> str:
    rings = oval(400, 390, 250, 250, c.dark) + oval(396, 384, 250, 250, c.light) + oval(396, 384, 250, 250, SPECKLE)
    rim = f'<ellipse cx="396" cy="384" rx="244" ry="244" fill="none" stroke="{CLAY}" stroke-width="7"/>'
    return (
        rings
        + rim
        + oval(396, 384, 176, 176, c.dark, 0.55)
        + oval(400, 390, 168, 168, c.base)
        + gleam("M232 300 A190 190 0 0 1 320 212", 12)
    )


def vase(c: Tones) -> str:
    stems = "".join(
        stroke(d, 5, "#7c8a5a")
        for d in (
            "M398 300 C392 220 350 160 326 96",
            "M402 300 C404 200 420 130 440 70",
            "M406 300 C430 230 480 190 520 160",
        )
    )
    leaves = "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="34" ry="13" fill="{colour}" transform="rotate({turn} {x} {y})"/>'
        for x, y, turn, colour in (
            (318, 104, 62, "#8d9b68"),
            (352, 166, -20, "#a3ae7e"),
            (376, 214, 200, "#8d9b68"),
            (444, 66, 100, "#a3ae7e"),
            (420, 140, 20, "#8d9b68"),
            (400, 196, 160, "#7c8a5a"),
            (524, 156, -30, "#a3ae7e"),
            (474, 200, 60, "#8d9b68"),
            (434, 236, -60, "#7c8a5a"),
        )
    )
    body = "M362 290 C366 350 270 380 270 490 C270 590 330 640 360 640 H440 C470 640 530 590 530 490 C530 380 434 350 438 290 Z"
    return (
        stems
        + leaves
        + textured(body)
        + oval(400, 290, 38, 10, c.light)
        + oval(400, 292, 30, 7, c.deep)
        + gleam("M306 470 C304 520 320 570 340 596", 16)
    )


def teapot(c: Tones) -> str:
    return (
        stroke("M300 350 C300 190 500 190 500 350", 16, "#b98a58")
        + stroke("M560 470 C630 470 620 390 668 370", 40, c.dark)
        + textured(
            "M220 480 C220 390 310 346 400 346 C490 346 580 390 580 480 C580 580 500 640 440 640 H360 C300 640 220 580 220 480 Z"
        )
        + oval(400, 352, 84, 20, c.dark)
        + shape("M322 350 C330 312 470 312 478 350 C450 364 350 364 322 350 Z", c.light)
        + oval(400, 310, 20, 17, "#b98a58")
        + gleam("M262 480 C262 540 300 590 330 604", 16)
    )


def planter(c: Tones) -> str:
    leaves = "".join(
        shape(f"M400 400 C{a} {b} {x} {y} {x} {y} C{x + 40} {y + 90} 440 330 400 400 Z", colour)
        for a, b, x, y, colour in (
            (300, 320, 230, 170, "#6f8b5e"),
            (560, 330, 560, 180, "#5d7a4f"),
            (380, 220, 390, 70, "#7f9a6b"),
            (480, 240, 480, 104, "#6f8b5e"),
            (330, 260, 310, 108, "#5d7a4f"),
            (280, 380, 196, 270, "#7f9a6b"),
            (540, 390, 606, 280, "#7f9a6b"),
        )
    )
    return (
        leaves
        + textured("M262 400 L290 618 Q293 634 310 634 H490 Q507 634 510 618 L538 400 Z")
        + oval(400, 400, 138, 30, c.light)
        + oval(400, 404, 124, 22, "#4b3a2d")
        + oval(400, 638, 132, 15, c.deep)
        + oval(400, 632, 132, 14, c.base)
        + gleam("M304 450 L322 590")
    )


def jug(c: Tones) -> str:
    return (
        stroke("M508 330 C620 320 610 520 506 520", 28, c.dark)
        + textured(
            "M300 270 L270 262 C290 300 318 330 300 400 C270 470 264 560 300 610 Q316 640 350 640 H450 Q484 640 500 610 C536 560 530 470 506 400 C496 350 500 310 506 272 Z"
        )
        + shape("M270 262 C330 240 470 244 506 272 C470 292 330 292 270 262 Z", c.deep)
        + gleam("M306 440 C292 500 302 560 318 590", 16)
    )


def dish(c: Tones) -> str:
    return (
        textured("M190 560 C200 620 260 640 300 640 H500 C540 640 600 620 610 560 Z")
        + oval(400, 560, 210, 42, c.light)
        + oval(400, 564, 190, 32, c.dark)
        + shape("M282 548 Q282 492 330 488 H470 Q518 492 518 548 Q520 572 470 574 H330 Q280 572 282 548 Z", "#efe6cf")
        + shape("M296 520 Q306 494 336 494 H466 Q494 494 504 520 Q400 506 296 520 Z", "#faf5e6")
    )


def cruet(c: Tones) -> str:
    return (
        textured(
            "M372 250 L372 330 C372 380 300 400 300 480 V600 Q300 640 340 640 H460 Q500 640 500 600 V480 C500 400 428 380 428 330 L428 250 Z"
        )
        + shape("M366 236 H434 V262 H366 Z", c.dark)
        + shape("M380 170 H420 L416 240 H384 Z", "#c3925f")
        + stroke("M416 182 C440 172 452 164 462 150", 12, "#9aa0a2")
        + gleam("M332 480 V590", 16)
    )


SHAPES: dict[str, Callable[[Tones], str]] = {
    "mug": mug,
    "cup": cup,
    "bowl": bowl,
    "plate": plate,
    "vase": vase,
    "teapot": teapot,
    "planter": planter,
    "jug": jug,
    "dish": dish,
    "cruet": cruet,
}
