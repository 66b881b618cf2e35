"""The speed of evalkit compared with the reference implementations."""

import os

# One thread, for numpy's matrix products too; this must stand before numpy is imported.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
