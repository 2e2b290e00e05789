from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import (
    FLAT,
    INK,
    METAL,
    WEAVE,
    WOOD,
    Tones,
    box,
    gleam,
    oval,
    shape,
    stroke,
    textured,
    turned,
)


def backpack(c: Tones) -> str:
    return (
        stroke("M352 190 C352 130 448 130 448 190", 18, c.deep)
        + textured(
            "M256 300 C256 210 310 180 400 180 C490 180 544 210 544 300 V590 Q544 640 494 640 H306 Q256 640 256 590 Z",
            WEAVE,
            FLAT,
        )
        + shape("M256 300 C256 210 310 180 400 180 C490 180 544 210 544 300 V370 Q400 410 256 370 Z", c.dark)
        + box(300, 450, 200, 160, 22, c.dark)
        + shape("M300 470 Q300 450 322 450 H478 Q500 450 500 470 V510 Q400 530 300 510 Z", c.base)
        + box(330, 340, 20, 130, 6, "#b07b46")
        + box(450, 340, 20, 130, 6, "#b07b46")
        + box(326, 420, 28, 26, 5, "#d9b36a")
        + box(446, 420, 28, 26, 5, "#d9b36a")
        + gleam("M282 300 C286 250 310 220 340 208", 10)
    )


def flask(c: Tones) -> str:
    return (
        box(346, 130, 108, 96, 16, METAL)
        + box(360, 214, 80, 30, 0, INK)
        + textured(
            "M360 240 H440 C490 262 506 290 506 340 V600 Q506 640 466 640 H334 Q294 640 294 600 V340 C294 290 310 262 360 240 Z",
            "none",
        )
        + gleam("M330 340 V590", 18)
        + oval(424, 450, 40, 40, c.light, 0.6)
        + stroke("M400 462 L418 436 L430 452 L440 440 L450 462 Z", 4, "#ffffff", 0.9)
    )


def enamel(c: Tones) -> str:
    return (
        stroke("M518 410 C630 400 630 560 516 550", 26, c.dark)
        + shape("M282 350 L282 612 Q282 640 312 640 H490 Q520 640 520 612 L520 350 Z")
        + oval(401, 350, 121, 26, INK)
        + oval(401, 352, 110, 20, "#f4efe4")
        + stroke("M350 560 L396 470 L424 516 L444 488 L480 560 Z", 7, "#ffffff", 0.92)
        + oval(452, 452, 13, 13, "#ffffff", 0.92)
        + gleam("M314 400 V600", 14)
    )


def picnic(c: Tones) -> str:
    roll = textured(
        "M190 400 H610 Q650 500 610 600 Q640 640 590 640 H210 Q160 640 190 600 Q150 500 190 400 Z", WEAVE, FLAT
    )
    checks = "".join(box(x, 400, 20, 240, 0, c.pale) for x in (236, 296, 356, 424, 484, 544)) + "".join(
        f'<rect x="176" y="{y}" width="448" height="20" fill="{c.pale}" opacity=".55"/>' for y in (430, 490, 550, 606)
    )
    spiral = oval(612, 520, 36, 118, c.dark) + stroke(
        "M612 430 C640 440 640 600 612 606 C594 600 594 470 612 460 C622 470 622 570 612 574", 6, c.pale
    )
    return (
        stroke("M280 400 C290 250 510 250 520 400", 20, "#a8713f")
        + roll
        + checks
        + spiral
        + box(264, 394, 34, 248, 6, "#a8713f")
        + box(502, 394, 34, 248, 6, "#a8713f")
    )


def stool(c: Tones) -> str:
    return (
        stroke("M250 640 L540 360 M550 640 L260 360", 26, "#b98a58")
        + stroke("M250 640 L540 360", 8, "#d9b184")
        + oval(400, 500, 14, 14, METAL)
        + textured("M216 330 C300 380 500 380 584 330 L588 372 C500 430 300 430 212 372 Z", WEAVE, FLAT)
        + stroke("M222 340 C300 386 500 386 578 340", 4, c.light, 0.9)
    )


def wateringcan(c: Tones) -> str:
    return (
        stroke("M330 360 C330 190 560 200 580 470", 22, c.dark)
        + shape("M300 500 L170 330 L190 312 L330 430 Z", c.dark)
        + turned(-40, oval(170, 312, 26, 54, c.light), 170, 312)
        + textured("M296 380 H540 L566 620 Q566 640 546 640 H290 Q270 640 272 620 Z", "none")
        + oval(418, 380, 122, 26, c.light)
        + oval(418, 384, 106, 18, c.deep)
        + gleam("M324 430 L310 600", 14)
    )


def beanie(c: Tones) -> str:
    ribs = "".join(stroke(f"M{x} 522 V628", 7, c.dark, 0.6) for x in range(236, 580, 22))
    knit = "".join(
        stroke(f"M{400 + k * 34} 510 C{400 + k * 36} 400 {400 + k * 22} 300 {400 + k * 8} 246", 6, c.dark, 0.35)
        for k in range(-5, 6)
    )
    return (
        textured("M222 530 C210 360 290 236 400 236 C510 236 590 360 578 530 Z", WEAVE)
        + knit
        + box(206, 508, 388, 132, 36, "url(#round)")
        + ribs
        + box(452, 560, 76, 48, 4, "#b07b46")
    )


def lunchbox(c: Tones) -> str:
    return (
        box(190, 440, 420, 200, 40, "url(#round)")
        + box(176, 396, 448, 70, 26, METAL)
        + stroke("M200 416 H600", 6, "#ffffff", 0.8)
        + box(276, 440, 40, 84, 8, METAL)
        + box(484, 440, 40, 84, 8, METAL)
        + box(340, 540, 120, 50, 6, c.light)
    )


def trowels(c: Tones) -> str:
    handle = box(378, 90, 44, 220, 20, WOOD) + box(384, 296, 32, 70, 6, METAL) + box(378, 120, 44, 18, 0, c.base)
    scoop = shape("M350 360 H450 V540 C450 610 416 660 400 680 C384 660 350 610 350 540 Z", METAL) + stroke(
        "M400 380 V620", 5, "#8b8f91"
    )
    fork = "".join(box(x, 400, 18, 250, 8, METAL) for x in (346, 391, 436)) + box(346, 372, 108, 50, 12, METAL)
    return turned(-18, f'<g transform="translate(-60 0)">{handle}{scoop}</g>') + turned(
        16, f'<g transform="translate(70 10)">{handle}{fork}</g>'
    )


def birdfeeder(c: Tones) -> str:
    bird = (
        shape(
            "M520 560 C520 516 560 500 592 508 C612 490 640 500 640 520 L664 530 L638 538 C630 580 600 596 566 594 L500 612 Z",
            "#6e8aa6",
        )
        + oval(624, 520, 5, 5, INK)
        + shape("M548 560 C570 580 600 580 620 560 C610 596 570 600 548 592 Z", "#e0a46a")
    )
    return (
        stroke("M400 0 V180", 5, INK)
        + shape("M400 160 L600 330 H200 Z")
        + box(252, 330, 296, 230, 0, "#e9f0ee")
        + shape("M252 420 Q400 392 548 420 V560 H252 Z", "#c79a57")
        + shape("M252 420 Q400 392 548 420 V560 H252 Z", "url(#speckle)")
        + box(252, 330, 22, 230, 0, c.dark)
        + box(526, 330, 22, 230, 0, c.dark)
        + box(190, 556, 420, 40, 8, FLAT)
        + bird
        + stroke("M292 350 V540", 10, "#ffffff", 0.5)
    )


LIES_FLAT = {"trowels"}
SHAPES: dict[str, Callable[[Tones], str]] = {
    "backpack": backpack,
    "flask": flask,
    "enamel": enamel,
    "picnic": picnic,
    "stool": stool,
    "wateringcan": wateringcan,
    "beanie": beanie,
    "lunchbox": lunchbox,
    "trowels": trowels,
    "birdfeeder": birdfeeder,
}
