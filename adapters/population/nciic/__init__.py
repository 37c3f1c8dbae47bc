"""The NCIIC dialect: citizen numbers and names checked by `nciicCheck`, over SOAP."""
