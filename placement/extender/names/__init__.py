"""Names of nodes as they stand in calls and answers: found, and written again, without a text object for each."""
