"""The program `dbt`, with a garbage collector that looks around less often: python -m warehouse.dbt_process build ...

dbt holds a manifest of a million objects to its end, and Python's collector goes through them again and again: 11 of
the 70 seconds of a build of the demo, measured in one run on two cores.
"""

import gc

from dbt.cli.main import cli

YOUNGEST = 200_000

if __name__ == "__main__":
    gc.set_threshold(YOUNGEST, 10, 100)
    cli()
