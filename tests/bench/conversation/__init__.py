"""Conversations on the real CallRunner, faster than life: `python -m tests.bench conversation`.

A call's runner, engines, phone and line stand on an event loop whose time jumps to the next timer
(`clock.py`). Each figure is a module here whose one function, `report()`, prints what it
measured with how many times.
"""
