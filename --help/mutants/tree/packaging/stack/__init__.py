"""A private mogiri in one folder: Redis, PostgreSQL, nginx with our module and mogirid, kept alive; for the demo and the tests."""
