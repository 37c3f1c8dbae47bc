"""Thirty ways to make a reader of XML open a file, call somebody or swell; each tried twice."""

from dataclasses import dataclass

ROW = (
    '<ROW no="1"><INPUT><gmsfhm>999999201801010014</gmsfhm><xm>测试甲</xm></INPUT><OUTPUT>'
    "<ITEM><gmsfhm></gmsfhm><result_gmsfhm>一致</result_gmsfhm></ITEM>"
    "<ITEM><xm></xm><result_xm>{said}</result_xm></ITEM></OUTPUT></ROW>"
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """What stands before the root element, what stands inside a node, attributes of the root."""

    name: str
    before: str = ""
    inside: str = "一致"
    root: str = ""


def hostile_documents(file: str, folder: str, url: str) -> tuple[Hostile, ...]:
    """The documents; file and folder exist and are watched, at the URL somebody listens."""
    return (
        *_entities(file, url),
        *_doctypes(file, folder, url),
        *_swelling(),
        *_imports(file, url),
    )


def _entities(file: str, url: str) -> tuple[Hostile, ...]:
    return (
        _entity("an entity of a file", f'x SYSTEM "file://{file}"', "&x;"),
        _entity("an entity of a bare path", f'x SYSTEM "{file}"', "&x;"),
        _entity("an entity of a URL", f'x SYSTEM "{url}/x"', "&x;"),
        _entity("a public entity", f'x PUBLIC "-//x//y" "file://{file}"', "&x;"),
        _entity("an entity nobody uses", f'x SYSTEM "file://{file}"', "一致"),
        _entity(
            "a parameter entity of a file", f'% x SYSTEM "file://{file}"> %x; <!ENTITY y ""', ""
        ),
        _entity("a parameter entity of a URL", f'% x SYSTEM "{url}/x"> %x; <!ENTITY y ""', ""),
        _entity("an entity within an entity", f'a "&x;"><!ENTITY x SYSTEM "{file}"', "&a;"),
        _entity("an unparsed entity", f'x SYSTEM "{url}/x" NDATA n', "一致"),
        _entity("an internal entity", 'x "一致"', "&x;"),
        _entity("an entity that says markup", f'x "<b>{"一致"}</b>"', "&x;"),
        Hostile("an entity nobody declared", inside="&x;"),
    )


def _entity(name: str, declared: str, inside: str) -> Hostile:
    notation = '<!NOTATION n SYSTEM "n">' if "NDATA" in declared else ""
    return Hostile(name, f"<!DOCTYPE r [{notation}<!ENTITY {declared}>]>", inside)


def _doctypes(file: str, folder: str, url: str) -> tuple[Hostile, ...]:
    return (
        Hostile("a bare doctype", "<!DOCTYPE r>"),
        Hostile("a doctype of a file", f'<!DOCTYPE r SYSTEM "file://{file}">'),
        Hostile("a doctype of a URL", f'<!DOCTYPE r SYSTEM "{url}/x.dtd">'),
        Hostile("a doctype of a folder", f'<!DOCTYPE r SYSTEM "file://{folder}/">'),
        Hostile(
            "a public doctype", f'<!DOCTYPE r PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{url}/x.dtd">'
        ),
        Hostile("an attribute by default", '<!DOCTYPE r [<!ATTLIST r no CDATA "2">]>'),
        Hostile("an element declared", "<!DOCTYPE r [<!ELEMENT r ANY>]>"),
        Hostile("a doctype never closed", "<!DOCTYPE r ["),
    )


def _swelling() -> tuple[Hostile, ...]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return (
        Hostile("a billion laughs", f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>', "&l11;"),
        _entity("a quadratic blow-up", f'x "{"a" * 50_000}"', "&x;" * 50_000),
        _entity("an entity of itself", 'x "&x;"', "&x;"),
        Hostile("a deep document", inside="<a>" * 5_000 + "</a>" * 5_000),
        Hostile(
            "many attributes", inside="<a " + " ".join(f'a{n}=""' for n in range(60_000)) + "/>"
        ),
        Hostile("many references", inside="&#65;" * 250_000),
    )


def _imports(file: str, url: str) -> tuple[Hostile, ...]:
    schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    include = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    return (
        Hostile("a schema location", root=f'{schema} xsi:noNamespaceSchemaLocation="{url}/x.xsd"'),
        Hostile(
            "an inclusion", inside=f'<xi:include {include} href="file://{file}" parse="text"/>'
        ),
        Hostile(
            "a style sheet", f'<?xml-stylesheet href="{url}/x.xsl" type="text/xsl"?><!DOCTYPE r>'
        ),
        Hostile("a catalogue", f'<?oasis-xml-catalog catalog="file://{file}"?><!DOCTYPE r>'),
    )
