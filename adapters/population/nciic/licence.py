"""The licence that the simulated register wants: full of what escaping gets wrong."""

DEMO_LICENCE = "?;{DEMO<&>LICENCE}&lt;\\"
