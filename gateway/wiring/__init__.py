"""The only place that constructs: settings become a store, adapters, rooms, and their doors."""
