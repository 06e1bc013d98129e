"""The job engine, DBOS Transact: nothing outside this package knows it."""
