from collections.abc import Callable

from shopwright.surfaces.transfer.demo.drawing import (
    FLAT,
    INK,
    METAL,
    ROUND,
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


def board(c: Tones) -> str:
    grain = "".join(
        stroke(f"M{x} 250 C{x + 12} 380 {x - 14} 480 {x + 4} 640", 3, c.deep, 0.25)
        for x in (300, 340, 372, 430, 470, 500)
    )
    handle = box(366, 100, 68, 150, 34) + oval(400, 138, 15, 15, "#efe6d8")
    return turned(18, handle + box(262, 220, 276, 450, 44) + grain + stroke("M290 262 V630", 5, "#ffffff", 0.3))


def mill(c: Tones) -> str:
    return (
        shape(
            "M318 640 C318 560 350 530 350 470 C350 430 330 410 336 360 H464 C470 410 450 430 450 470 C450 530 482 560 482 640 Z"
        )
        + oval(400, 360, 66, 14, c.deep)
        + shape("M340 352 C336 280 360 250 400 250 C440 250 464 280 460 352 C440 364 360 364 340 352 Z")
        + oval(400, 236, 17, 17, METAL)
        + shape("M316 620 H484 V640 H316 Z", c.deep)
        + gleam("M364 300 C362 280 374 268 384 264", 10)
        + gleam("M366 480 C362 540 348 570 342 606", 12)
    )


def knife(c: Tones) -> str:
    blade = shape("M372 420 L372 120 C372 100 384 92 396 108 C440 170 452 300 446 420 Z", METAL) + stroke(
        "M440 400 C444 300 434 190 402 128", 4, "#ffffff", 0.8
    )
    handle = (
        box(364, 432, 86, 260, 30)
        + "".join(oval(407, y, 8, 8, "#d8c9a8") for y in (480, 560, 640))
        + box(366, 414, 84, 28, 6, "#8b8f91")
    )
    return turned(38, blade + handle + stroke("M384 470 V650", 8, c.light, 0.6))


def spoons(c: Tones) -> str:
    spoon = box(386, 330, 28, 330, 14) + oval(400, 250, 54, 92, FLAT) + oval(402, 254, 38, 72, c.dark, 0.55)
    turner = box(386, 330, 28, 330, 14) + shape(
        "M346 180 Q346 160 366 160 H434 Q454 160 454 180 L442 330 Q400 356 358 330 Z", FLAT
    )
    slots = "".join(box(x, 200, 12, 96, 6, c.deep) for x in (374, 394, 414))
    return turned(-26, turner + slots) + turned(2, spoon) + turned(30, spoon)


def jar(c: Tones) -> str:
    glass = "M290 330 Q290 300 320 300 H480 Q510 300 510 330 V600 Q510 640 470 640 H330 Q290 640 290 600 Z"
    return (
        shape(glass, "#dbe5e4", 0.85)
        + shape("M302 430 Q400 412 498 430 V596 Q498 628 468 628 H332 Q302 628 302 596 Z")
        + shape(glass, "#ffffff", 0.18)
        + box(296, 252, 208, 54, 14, WOOD)
        + stroke("M322 340 V590", 14, "#ffffff", 0.6)
        + box(345, 470, 110, 84, 8, "#fbf7ef")
        + stroke("M366 500 H434 M366 522 H414", 5, INK, 0.7)
    )


def moka(c: Tones) -> str:
    return (
        stroke("M494 300 H560 C590 300 590 340 584 470", 24, INK)
        + shape("M318 470 L300 640 H500 L482 470 Z")
        + shape("M318 470 H482 L516 270 L284 270 Z")
        + shape("M284 270 L250 262 L300 330 Z", c.dark)
        + box(312, 456, 176, 28, 8, c.deep)
        + shape("M290 266 L322 222 H478 L510 266 Z", c.light)
        + oval(400, 206, 18, 20, INK)
        + stroke("M366 280 L374 450 M436 280 L428 450 M366 490 L352 630 M436 490 L448 630", 3, c.deep, 0.5)
        + gleam("M326 300 L342 440", 12)
    )


def teatowel(c: Tones) -> str:
    cloth = textured(
        "M250 120 H550 V660 Q525 672 500 660 T450 660 T400 660 T350 660 T300 660 T250 660 Z", WEAVE, c.pale
    )
    stripes = "".join(box(x, 120, width, 540, 0, c.base) for x, width in ((274, 22), (306, 6), (482, 6), (504, 22)))
    return turned(
        -8,
        cloth
        + stripes
        + box(250, 560, 300, 16, 0, c.base)
        + box(250, 590, 300, 5, 0, c.base)
        + stroke("M388 122 C380 80 420 80 412 122", 8, c.dark),
    )


def apron(c: Tones) -> str:
    return (
        stroke("M318 190 C310 70 490 70 482 190", 12, c.deep)
        + stroke("M246 400 C200 420 180 470 196 540 M554 400 C600 420 620 470 604 540", 10, c.deep)
        + textured(
            "M312 180 H488 C490 300 530 360 572 390 L580 690 H220 L228 390 C270 360 310 300 312 180 Z", WEAVE, FLAT
        )
        + box(300, 470, 200, 130, 10, c.dark)
        + stroke("M300 484 H500 M400 486 V598", 4, c.light, 0.7)
        + stroke("M318 196 H482", 5, c.light, 0.6)
    )


def pan(c: Tones) -> str:
    handle = box(364, 560, 72, 220, 30, c.dark) + oval(400, 744, 15, 22, "#efe6d8")
    return turned(
        -32,
        handle
        + oval(400, 370, 230, 230, c.deep)
        + oval(396, 364, 226, 226, FLAT)
        + oval(400, 372, 194, 194, c.deep)
        + oval(400, 378, 186, 186, c.dark)
        + gleam("M246 330 A160 160 0 0 1 330 232", 10),
    )


def mortar(c: Tones) -> str:
    return (
        turned(32, shape("M384 120 Q400 96 416 120 L424 420 H376 Z", ROUND), 400, 420)
        + shape("M340 640 L350 600 H450 L460 640 Z", c.deep)
        + textured("M220 400 C226 540 300 616 350 616 H450 C500 616 574 540 580 400 Z")
        + oval(400, 400, 180, 40, c.light)
        + shape(
            "M244 402 C244 432 556 432 556 402 C556 380 500 374 470 370 L432 392 C380 368 244 374 244 402 Z", c.deep
        )
        + gleam("M262 470 C272 530 300 570 326 590", 16)
    )


LIES_FLAT = {"board", "knife", "spoons", "teatowel", "apron", "pan"}
SHAPES: dict[str, Callable[[Tones], str]] = {
    "board": board,
    "mill": mill,
    "knife": knife,
    "spoons": spoons,
    "jar": jar,
    "moka": moka,
    "teatowel": teatowel,
    "apron": apron,
    "pan": pan,
    "mortar": mortar,
}
