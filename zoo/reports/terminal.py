"""A curve drawn with characters, for a terminal."""

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # of a Braille character: column, row
ROWS, COLUMNS = 7, 44  # of characters


def curve(title, numbers, first=1, ascii_only=False):
    """Lines of text: `numbers` (at least one) over 1, 2, ..., joined, with the values at the axes' ends.

    first: what the first number is the value at. ascii_only: for terminals that know no other characters.
    """
    low, high = min(numbers), max(numbers)
    canvas = _canvas(numbers, low, high)
    labels = [f"{high:.4g}", *[""] * (ROWS - 2), f"{low:.4g}"]
    if low == high:
        labels = ["", "", "", f"{low:.4g}", "", "", ""]
    width = max(map(len, labels))
    bar, corner, line = ("|", "+", "-") if ascii_only else ("│", "└", "─")
    body = [
        f"{label:>{width}} {bar}{''.join(map(_letter(ascii_only), row))}".rstrip()
        for label, row in zip(labels, canvas, strict=True)
    ]
    last = str(first + len(numbers) - 1)
    ends = str(first) if len(numbers) == 1 else f"{first}{last:>{COLUMNS - len(str(first))}}"
    return [
        f"{'':{width}}  {title}",
        *body,
        f"{'':{width}} {corner}{line * COLUMNS}",
        f"{'':{width}}  {ends}",
    ]


def _letter(ascii_only):
    return lambda dots: " " if not dots else "*" if ascii_only else chr(0x2800 + dots)


def _canvas(numbers, low, high):
    """ROWS lists of COLUMNS sets of dots, the line through `numbers` in them."""
    canvas = [[0] * COLUMNS for _ in range(ROWS)]
    wide, tall = 2 * COLUMNS - 1, 4 * ROWS - 1
    before = None
    for x in range(wide + 1 if len(numbers) > 1 else 1):
        place = x / wide * (len(numbers) - 1)
        k = min(int(place), len(numbers) - 2) if len(numbers) > 1 else 0
        after = numbers[min(k + 1, len(numbers) - 1)]
        value = numbers[k] + (place - k) * (after - numbers[k])
        y = round((high - value) / (high - low) * tall) if high > low else tall // 2
        for between in range(min(y, before), max(y, before) + 1) if before is not None else (y,):
            canvas[between // 4][x // 2] |= DOTS[x % 2][between % 4]
        before = y
    return canvas
