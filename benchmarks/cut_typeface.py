"""Cuts the charts' typeface down to Latin and GB 2312: `python -m benchmarks.cut_typeface NotoSansCJK-Regular.ttc`."""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

OUTPUT = Path(__file__).parent.parent / "actions" / "simulator" / "typeface" / "NotoSansCJKsc-GB2312.otf"
FAMILY = "Noto Sans CJK SC"
ROWS, CELLS = range(0xA1, 0xF8), range(0xA1, 0xFF)  # of GB 2312 as EUC-CN
EXTRA = "¥€–—‘’“”…•→−×÷≤≥≈％"
KEPT_NAMES = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # copyright, names, version, licence


def characters() -> set[int]:
    """Code points: Latin, GB 2312 and a few signs."""
    found = {*range(0x20, 0x7F), *range(0xA0, 0x180), *map(ord, EXTRA)}
    for row in ROWS:
        for cell in CELLS:
            decoded = bytes([row, cell]).decode("gb2312", errors="ignore")
            found.update(map(ord, decoded))
    return found


def main(collection: Path) -> None:
    """Writes the cut typeface."""
    fonts = TTCollection(collection).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == FAMILY)
    options = subset.Options(layout_features=[], name_IDs=KEPT_NAMES, hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    cutter.subset(font)
    font.save(OUTPUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
