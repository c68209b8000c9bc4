"""The check of a Dutch citizen service number, written independently of the simulator that draws them."""


def passes_elfproef(number: str) -> bool:
    """Return whether nine digits pass the check: 9a + 8b + … + 2h − i divisible by 11, not all zeros."""
    if len(number) != 9 or not number.isascii() or not number.isdigit() or not number.strip("0"):
        return False
    *first, last = (int(digit) for digit in number)
    return (sum(weight * digit for weight, digit in zip(range(9, 1, -1), first, strict=True)) - last) % 11 == 0
