"""Pictures of the demo shop's goods: each thing in its colour, on a table, in the light of a window."""

from collections.abc import Callable
from zlib import crc32

from shopwright.surfaces.transfer.demo.drawing import Tones, mixed, shifted, tones
from shopwright.surfaces.transfer.demo.shapes import ceramics, kitchen, light, outdoor, paper, textiles

Shape = Callable[[Tones], str]

SHAPES: dict[str, Shape] = {
    **ceramics.SHAPES,
    **kitchen.SHAPES,
    **light.SHAPES,
    **outdoor.SHAPES,
    **paper.SHAPES,
    **textiles.SHAPES,
}

_WALLS = ("#f3ece1", "#e9ede6", "#f4e8e0", "#e8ecef", "#f2efe3")
_LIES_FLAT = paper.LIES_FLAT | textiles.LIES_FLAT | kitchen.LIES_FLAT | outdoor.LIES_FLAT | {"plate"}


_SHADOW = '<ellipse cx="425" cy="648" rx="215" ry="26" fill="#3b2c20" opacity=".34" filter="url(#blur)"/>'
_HANGS = {"pendant", "fairylights"}


def draw(kind: str, colour: str) -> bytes:
    """An SVG of 800 by 800. The same kind and colour are the same picture, to the byte."""
    thing = tones(colour)
    wall = mixed(_WALLS[crc32(kind.encode()) % len(_WALLS)], thing.base, 0.07)
    room = _seen_from_above(wall) if kind in _LIES_FLAT else _on_a_table(wall, thing)
    if kind not in _LIES_FLAT | _HANGS:
        room += _SHADOW
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800">'
        f"<defs>{_gradients(thing)}{_textures()}</defs>{room}"
        f'<g filter="url(#{"lift" if kind in _LIES_FLAT else "soft"})">{SHAPES[kind](thing)}</g></svg>'
    ).encode()


def _on_a_table(wall: str, thing: Tones) -> str:
    table = shifted(mixed(wall, "#c9a27e", 0.38), 0.02)
    return (
        f'<rect width="800" height="800" fill="{wall}"/>'
        f'<path d="M0 0H800V580H0Z" fill="url(#window)"/>'
        f'<path d="M205 580V330a195 195 0 0 1 390 0V580Z" fill="{mixed(wall, thing.base, 0.20)}"/>'
        f'<rect y="580" width="800" height="220" fill="{table}"/>'
        f'<rect y="580" width="800" height="5" fill="{shifted(table, 0.06)}"/>'
    )


def _seen_from_above(wall: str) -> str:
    return (
        f'<rect width="800" height="800" fill="{wall}"/><rect width="800" height="800" fill="url(#window)"/>'
        f'<circle cx="400" cy="400" r="318" fill="{shifted(wall, 0.03)}" opacity=".8"/>'
    )


def _gradients(thing: Tones) -> str:
    wood = tones("#c3925f")
    metal = tones("#b9bcbd")
    return (
        _across("round", thing)
        + _across("wood", wood)
        + _across("metal", metal)
        + f'<linearGradient id="flat" x1="0" y1="0" x2=".6" y2="1"><stop stop-color="{thing.light}"/>'
        f'<stop offset=".45" stop-color="{thing.base}"/><stop offset="1" stop-color="{thing.dark}"/></linearGradient>'
        '<linearGradient id="window" x1="0" y1="0" x2="1" y2="1"><stop stop-color="#fff" stop-opacity=".75"/>'
        '<stop offset=".6" stop-color="#fff" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#5b4a3a" stop-opacity=".10"/></linearGradient>'
        '<radialGradient id="glow"><stop stop-color="#fff3c4"/><stop offset=".35" stop-color="#ffd98a"'
        ' stop-opacity=".55"/><stop offset="1" stop-color="#ffd98a" stop-opacity="0"/></radialGradient>'
    )


def _across(name: str, of: Tones) -> str:
    """Light from the left on something round."""
    stops = ((0, of.dark), (0.18, of.base), (0.36, of.light), (0.62, of.base), (1, of.deep))
    return (
        f'<linearGradient id="{name}">'
        + "".join(f'<stop offset="{place}" stop-color="{colour}"/>' for place, colour in stops)
        + "</linearGradient>"
    )


def _textures() -> str:
    specks = ((9, 12, 1.6), (38, 31, 1.1), (61, 8, 2.0), (22, 55, 1.3), (70, 62, 1.5), (48, 74, 1.0), (5, 84, 1.8))
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="{r}" fill="#4a3a2c" opacity=".42"/>' for x, y, r in specks)
    return (
        f'<pattern id="speckle" width="79" height="91" patternUnits="userSpaceOnUse">{dots}</pattern>'
        '<pattern id="weave" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 2H8M0 6H8"'
        ' stroke="#fff" stroke-opacity=".16" stroke-width="1.4"/><path d="M2 0V8M6 0V8" stroke="#000"'
        ' stroke-opacity=".07" stroke-width="1.4"/></pattern>'
        '<filter id="blur" x="-30%" y="-120%" width="160%" height="340%"><feGaussianBlur stdDeviation="14"/></filter>'
        f"{_shadow('soft', 3, 4, 5, 0.16)}{_shadow('lift', 12, 18, 14, 0.30)}"
    )


def _shadow(name: str, right: int, down: int, blur: int, darkness: float) -> str:
    # Written out, since feDropShadow is not known to every renderer.
    return (
        f'<filter id="{name}"><feGaussianBlur in="SourceAlpha" stdDeviation="{blur}"/>'
        f'<feOffset dx="{right}" dy="{down}"/>'
        f'<feColorMatrix values="0 0 0 0 .23 0 0 0 0 .17 0 0 0 0 .12 0 0 0 {darkness} 0"/>'
        '<feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>'
    )
