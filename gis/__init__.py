"""Where people live and how far they walk: tables, coordinates, the walking network, reach and coverage."""
