"""The HTTP door: assembles routes, traces requests, renders problems; no rules inside."""
