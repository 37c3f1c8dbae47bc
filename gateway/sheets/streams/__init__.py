"""Sheets too long to be held in memory: bytes go in piece by piece, rows come out."""

from gateway.sheets.streams.streamed import StreamedSheet

__all__ = ["StreamedSheet"]
