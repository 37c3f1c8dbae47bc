"""Foreign XML read as bytes: bounded, UTF-8, without DTD, entities, comments or the network."""

from lxml import etree

from contracts.errors import Unreadable

LIMIT = 1024 * 1024


def parse_plain(content: bytes, *, system: str, operation: str) -> etree._Element:
    """The root of the document; raise `Unreadable` for anything but plain XML.

    Text never ends early at a comment: comments and processing instructions are taken out.
    """
    if len(content) > LIMIT:
        raise Unreadable(system, operation, "xml too long")
    # UTF-16 gives itself away by its zeros, with and without a byte order mark.
    if b"\0" in content:
        raise Unreadable(system, operation, "xml encoding")
    try:
        root = etree.fromstring(content, _plain_parser())
    # The parser's own message quotes the document, so nothing of it is passed on.
    except (etree.LxmlError, ValueError):
        raise Unreadable(system, operation, "xml") from None
    _refuse_oddities(root, system, operation)
    return root


def _plain_parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_oddities(root: etree._Element, system: str, operation: str) -> None:
    about = root.getroottree().docinfo
    if about.internalDTD is not None or about.doctype:
        raise Unreadable(system, operation, "xml dtd")
    # One encoding only, so that the next parser cannot read other words from the same bytes.
    if (about.encoding or "UTF-8").upper() != "UTF-8":
        raise Unreadable(system, operation, "xml encoding")
