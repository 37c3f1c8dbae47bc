"""GB 18030-2022 text: Python's codec is of the edition before, eighteen characters apart."""

# The edition of 2022 let these code points change places: the two-byte codes of the first of each
# pair now mean the second, whose four-byte codes mean the first.
_PRIVATE_USE = (
    *range(0xE78D, 0xE797),
    *(0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864),
)
_STANDARD = (
    *(0xFE10, 0xFE12, 0xFE11, 0xFE13, 0xFE14, 0xFE15, 0xFE16, 0xFE17, 0xFE18, 0xFE19),
    *range(0x9FB4, 0x9FBC),
)
_EXCHANGED = dict(zip(_PRIVATE_USE + _STANDARD, _STANDARD + _PRIVATE_USE, strict=True))


def decode(content: bytes) -> str:
    """The text in the bytes as the edition of 2022 reads them; raise `UnicodeDecodeError`."""
    return content.decode("gb18030").translate(_EXCHANGED)


def encode(text: str) -> bytes:
    """The bytes for the text as the edition of 2022 writes them; raise `UnicodeEncodeError`."""
    return text.translate(_EXCHANGED).encode("gb18030")
