"""`photopipe config`: write a first configuration, show what is in effect, and find what is wrong."""
