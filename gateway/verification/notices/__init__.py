"""Notices from public security (公安变更通知): quarantined corrections that two persons decide."""
