"""The figures, in the order of the table."""
from . import (
    apis, cost, fallback, goodput, idle, journal, large, library, makespan, memory, packed, slope, slow_first,
    startup, stream, threads, tls, weather)

ALL = [module.FIGURE for module in (
    cost, library, slope, makespan, stream, apis, memory, packed, slow_first, journal, startup, threads, tls,
    large, goodput, fallback, weather, idle)]
