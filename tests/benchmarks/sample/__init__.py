"""Small clean tests; copies of these modules are the suite that `suite.py` measures."""
