"""pytest with the options of the command line, and what the process took at its end."""

import resource
import sys

import pytest

status = pytest.main(["-q", "-p", "no:cacheprovider", "--strict-markers", *sys.argv[1:]])
used = resource.getrusage(resource.RUSAGE_SELF)
print(f"measured cpu={used.ru_utime + used.ru_stime:.4f} peak={used.ru_maxrss}")
sys.exit(status)
