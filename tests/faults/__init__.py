"""Registers that lie, fall silent and break: nobody is lost, and nobody is wrongly carried."""
