"""The Zhejiang dialect: one person a call over the province's public data platform."""
