"""How far the findings of the fact metrics can be trusted: false alarms, flags on strong systems, changed quantities."""
