"""python -m warehouse.demo: writes the seeds of the demo company anew."""

from warehouse.demo import write_seeds
from warehouse.project import PROJECT_ROOT

if __name__ == "__main__":
    for path, rows in write_seeds(PROJECT_ROOT / "seeds").items():
        print(f"{path}: {rows} rows")
