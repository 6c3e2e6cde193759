"""Amounts as people read them."""


def size_text(size_bytes: float) -> str:
    """A size for people: `512 B`, `3.1 MB`."""
    if size_bytes < 1000:
        return f"{size_bytes:.0f} B"
    for unit in ("kB", "MB", "GB"):
        size_bytes /= 1000
        if size_bytes < 1000:
            return f"{size_bytes:.1f} {unit}"
    return f"{size_bytes / 1000:.1f} TB"


def time_text(seconds: float) -> str:
    """A time for people: `0.4 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def photos_text(count: int, *, grouped: bool = False) -> str:
    """`1 photo`, `1200 photos`; `1,200 photos` if the digits are grouped."""
    return "1 photo" if count == 1 else f"{count:{',' if grouped else ''}} photos"
