"""The few strokes that every picture of the demo shop is made of, as SVG."""

import colorsys
from dataclasses import dataclass

ROUND = "url(#round)"
FLAT = "url(#flat)"
WOOD = "url(#wood)"
METAL = "url(#metal)"
SPECKLE = "url(#speckle)"
WEAVE = "url(#weave)"
PAPER = "#fbf7ef"
INK = "#2e2b29"


@dataclass(frozen=True)
class Tones:
    """A colour and what light and shade make of it."""

    base: str
    light: str
    dark: str
    deep: str
    pale: str


def tones(colour: str) -> Tones:
    return Tones(
        colour, shifted(colour, 0.10), shifted(colour, -0.12), shifted(colour, -0.25), mixed(colour, "#fbf6ee", 0.82)
    )


def shifted(colour: str, by: float) -> str:
    """Lighter or darker, with its hue kept."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    return _hex(colorsys.hls_to_rgb(hue, min(0.97, max(0.06, lightness + by)), saturation))


def mixed(one: str, other: str, share: float) -> str:
    """`share` of the other colour in the one."""
    pairs = zip(_parts(one), _parts(other), strict=True)
    return _hex(tuple(a * (1 - share) + b * share for a, b in pairs))


def shape(d: str, fill: str = ROUND, opacity: float = 1) -> str:
    faint = f' opacity="{opacity}"' if opacity < 1 else ""
    return f'<path d="{d}" fill="{fill}"{faint}/>'


def textured(d: str, texture: str = SPECKLE, fill: str = ROUND) -> str:
    return shape(d, fill) + shape(d, texture)


def stroke(d: str, width: float, colour: str, opacity: float = 1) -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def oval(x: float, y: float, rx: float, ry: float, fill: str = ROUND, opacity: float = 1) -> str:
    faint = f' opacity="{opacity}"' if opacity < 1 else ""
    return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}"{faint}/>'


def box(x: float, y: float, width: float, height: float, corner: float = 0, fill: str = FLAT) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{corner}" fill="{fill}"/>'


def turned(degrees: float, drawn: str, x: float = 400, y: float = 420) -> str:
    return f'<g transform="rotate({degrees} {x} {y})">{drawn}</g>'


def moved(x: float, y: float, drawn: str, size: float = 1) -> str:
    return f'<g transform="translate({x} {y}) scale({size})">{drawn}</g>'


def gleam(d: str, width: float = 14) -> str:
    return stroke(d, width, "#ffffff", 0.35)


def _parts(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _hex(parts: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
