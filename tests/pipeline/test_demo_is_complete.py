"""The demo fills every column of every contract, so that each can be seen in use."""

import yaml
from command_line import CommandLine
from warehouse.project import PROJECT_ROOT

CONTRACTS = sorted((PROJECT_ROOT / "models" / "conformed").glob("*.yml"))


def test_the_demo_fills_every_column(demo: CommandLine) -> None:
    empty = []
    with demo.working() as connection:
        for contract in CONTRACTS:
            (model,) = yaml.safe_load(contract.read_text(encoding="utf-8"))["models"]
            names = [column["name"] for column in model["columns"]]
            counts = ", ".join(f"count({name})" for name in names)
            (filled,) = connection.execute(f"select {counts} from conformed.{model['name']}").fetchall()
            empty += [f"{model['name']}.{name}" for name, rows in zip(names, filled, strict=True) if not rows]
    assert len(CONTRACTS) >= 35
    assert not empty
