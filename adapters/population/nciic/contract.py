"""The NCIIC contract as it lies in the package: its WSDL for zeep, its schemas for checking."""

from dataclasses import dataclass
from pathlib import Path

import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsdl import Document

SYSTEM = "population"
CHECK = "nciicCheck"
NAMESPACE = "https://api.nciic.org.cn/NciicServices"
BINDING = f"{{{NAMESPACE}}}NciicServicesHttpBinding"

_FOLDER = Path(__file__).parents[3] / "contracts" / "nciic"


@dataclass(frozen=True, slots=True)
class Schemas:
    """What an answer's envelope and the document inside it must look like."""

    envelope: etree.XMLSchema
    answer: etree.XMLSchema


def load_schemas() -> Schemas:
    """The schemas of an answer."""
    return Schemas(load_schema("envelope"), load_schema("answer"))


def load_schema(name: str) -> etree.XMLSchema:
    """One schema of the contract, by its file's name."""
    return etree.XMLSchema(file=str(_FOLDER / f"{name}.xsd"))


def wsdl() -> bytes:
    """The WSDL as published; the address in it is the wrong one and must not be used."""
    return (_FOLDER / "nciic.wsdl").read_bytes()


def load_wsdl() -> Document:
    """The WSDL as zeep reads it; nothing outside the package is loaded."""
    with (_FOLDER / "nciic.wsdl").open("rb") as file:
        # The transport would load what a WSDL imports; ours imports nothing.
        return Document(file, Transport, settings=strict_settings())


def strict_settings() -> zeep.Settings:
    """No DTD, no entities, no foreign documents."""
    return zeep.Settings(
        strict=True,
        forbid_dtd=True,
        forbid_entities=True,
        forbid_external=True,
        xml_huge_tree=False,
    )
