"""The state of a cluster that changes: fed by events, asked all the time, equal to one built afresh."""
