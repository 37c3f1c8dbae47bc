"""What the simulated platform says of one number and one name."""

from adapters.population.register import PopulationRegister

AGREES, DIFFERS = "1", "0"


def row_about(register: PopulationRegister, number: str, name: str) -> dict[str, str]:
    """The row about this number and name; of nobody it says neither life nor death."""
    bearers = register.bearers(number)
    named = [person for person in bearers if person["XM"] == name]
    dead = (named or bearers)[0].get("SWBS") or "0" if bearers else ""
    return {
        "gmsfhm": number,
        "xm": name,
        "gmsfhmPpddm": AGREES if bearers else DIFFERS,
        "xmPpddm": AGREES if named else DIFFERS,
        "swbs": dead,
    }
