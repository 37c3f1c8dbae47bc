"""Push: each subscription's stream delivered to its address, in order per child, in its own lane.

A turn of a lane loads what is next (`planning`), sends it signed to an address that was checked
(`signing`, `addresses`, `sending`) and commits what came of it under the lane's lease (`turns`).
"""
