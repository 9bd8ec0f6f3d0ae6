"""The conductor: places pods, takes in observations, looks after the rest.

`endpoint` answers agents and hears of changes, `placement` decides and
claims, `intake` stores what agents saw, `sweeps` find what a lost message
left. Any number of conductors work side by side; the database decides
between them.
"""
