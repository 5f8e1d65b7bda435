"""Drafts of new systems: which entity and columns are guessed, and that nobody's names get where they should not."""

import shutil
from pathlib import Path

import pytest
import yaml
from warehouse.errors import WarehouseError
from warehouse.new_system.draft import Draft, add_to_system, draft_system, table_of
from warehouse.project import PROJECT_ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "models" / "staging").mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "dbt_project.yml", folder)
    return folder


def draft(project: Path, name: str = "acme", **files: str) -> Draft:
    for stem, content in files.items():
        (project.parent / f"{stem}.csv").write_text(content, encoding="utf-8")
    return draft_system(name, [str(project.parent / f"{stem}.csv") for stem in files], "Europe/Berlin", project)


def guessed(drafted: Draft) -> dict[str, dict[str, str]]:
    """Entity -> column -> SQL."""
    return {
        model.mapping.entity: {column: guess.sql for column, guess in model.mapping.guesses.items()}
        for model in drafted.models
    }


def test_order_lines_with_the_orders_customers_and_items_that_they_name(project: Path) -> None:
    drafted = draft(
        project,
        sales_2026=(
            "Order No.;Order Date;Customer ID;Customer Name;Article;Description;Qty;Price;Status;Colour\n"
            "S-1;31.01.2026 17:05;C1;Acme;P1;Screw;100;0,12;Delivered;red\n"
            "S-1;31.01.2026 17:05;C1;Acme;P2;Drill;1;1.089,00;Delivered;blue\n"
            "S-2;01.02.2026 09:00;C2;Bolt;P1;Screw;5;0,12;Storniert;red\n"
        ),
    )
    assert guessed(drafted) == {
        "order_lines": {
            "order_id": '"Order No."',
            "product_id": '"Article"',
            "quantity": '"Qty"',
            "unit_price": "{{ plain_number('\"Price\"', ',') }}",
        },
        "orders": {
            "order_id": '"Order No."',
            "account_id": '"Customer ID"',
            "ordered_at": "{{ iso_timestamp('\"Order Date\"', ['%d.%m.%Y %H:%M']) }}",
            "status": 'case lower(trim("Status"))\n'
            "            when 'delivered' then 'completed'\n"
            "            when 'storniert' then 'cancelled'\n"
            '            else "Status"\n'
            "        end",
        },
        "accounts": {"account_id": '"Customer ID"', "account_name": '"Customer Name"'},
        "products": {"product_id": '"Article"', "product_name": '"Description"'},
    }
    lines = (drafted.folder / "stg_acme__order_lines.sql").read_text(encoding="utf-8")
    assert lines.startswith("-- Grain: one row per row of the files landed as sales. Key: order_line_id.")
    assert "-- guess: quantity, by its name" in lines
    assert "Colour" in lines.split("-- Not used: ")[1]
    sources = yaml.safe_load((drafted.folder / "_acme__sources.yml").read_text(encoding="utf-8"))
    (table,) = sources["sources"][0]["tables"]
    assert (table["name"], table["config"]["meta"]) == ("sales", {"entities": ["order_lines"]})
    required = [c["name"] for c in table["columns"] if not c.get("config", {}).get("meta", {}).get("optional")]
    assert required == ["Order No.", "Customer ID", "Article", "Qty", "Price"]


def test_orders_with_totals_become_lines_only_where_there_are_no_lines(project: Path) -> None:
    orders = "id,date,customer,total\n1,2026-01-31,Acme,10\n2,2026-01-31,Bolt,20\n"
    alone = draft(project, "one", orders=orders)
    assert guessed(alone)["order_lines"] == {"order_id": '"id"', "quantity": "'1'", "unit_price": '"total"'}
    assert guessed(alone)["orders"] == {"order_id": '"id"', "account_id": '"customer"', "ordered_at": '"date"'}
    both = draft(project, "two", orders=orders, order_lines="order_id,sku,qty,price\n1,S,2,5\n2,S,4,5\n")
    assert set(guessed(both)) == {"orders", "order_lines"}
    assert guessed(both)["order_lines"]["unit_price"] == '"price"'
    assert guessed(draft(project, "three", lines="No,Article,Pieces,Price\n1,S,2,5\n1,T,4,5\n"))["order_lines"] == {
        "order_id": '"No"', "product_id": '"Article"', "quantity": '"Pieces"', "unit_price": '"Price"'
    }  # fmt: skip


def test_a_total_of_several_pieces_is_divided(project: Path) -> None:
    drafted = draft(project, sales="order_id,order_date,quantity,sales\n1,2026-01-31,2,$10.00\n1,2026-01-31,4,$8.00\n")
    assert guessed(drafted)["order_lines"]["unit_price"] == (
        "try_cast({{ plain_number('\"sales\"', '.') }} as double) / nullif(try_cast(\"quantity\" as double), 0)"
    )


def test_a_few_broken_values_hide_no_numbers_and_no_times(project: Path) -> None:
    rows = "".join(f'{n},0{1 + n % 9}.01.2026,2,"1,50"\n' for n in range(20))
    drafted = draft(project, sales="order_id,date,quantity,price\n" + rows + "20,soon,two,free\n")
    assert guessed(drafted)["order_lines"]["unit_price"] == "{{ plain_number('\"price\"', ',') }}"
    assert guessed(drafted)["order_lines"]["quantity"] == '"quantity"'
    assert guessed(drafted)["orders"]["ordered_at"] == "{{ iso_timestamp('\"date\"', ['%d.%m.%Y']) }}"


def test_what_is_personal_is_tagged_for_the_load(project: Path) -> None:
    drafted = draft(project, orders="order_id,ordered_at,Buyer Email,Phone\n1,2026-01-31,jo@acme.example,1\n")
    assert guessed(drafted)["orders"]["guest_key"] == '"Buyer Email"'
    sql = (drafted.folder / "stg_acme__orders.sql").read_text(encoding="utf-8")
    assert '"Buyer Email_domain" as guest_key_domain' in sql
    assert "'is_internal': is_internal_domain('guest_key_domain')" in sql
    sources = yaml.safe_load((drafted.folder / "_acme__sources.yml").read_text(encoding="utf-8"))
    columns = sources["sources"][0]["tables"][0]["columns"]
    personal = {c["name"]: c.get("config", {}).get("meta", {}).get("personal") for c in columns}
    assert personal == {"order_id": None, "ordered_at": None, "Buyer Email": "hash", "Phone": "drop"}
    # no value of the export is in the draft
    assert not [path for path in drafted.folder.iterdir() if "acme.example" in path.read_text(encoding="utf-8")]


def test_of_two_alike_the_one_that_lacks_less_is_the_entity(project: Path) -> None:
    # the first by name are positions of quotes, which name no order
    drafted = draft(
        project,
        a_positions="Quote;Article;Qty;Price\nQ1;P1;2;10.00\nQ1;P2;1;5.00\n",
        b_positions="Order No;Article;Qty;Price\nS-1;P1;2;10.00\nS-1;P2;1;5.00\n",
    )
    assert guessed(drafted)["order_lines"]["order_id"] == '"Order No"'


def test_a_rate_is_no_amount_of_the_same_name(project: Path) -> None:
    lines = "Order No;Article;Qty;Price;{}\nS-1;P1;2;10.00;5\nS-2;P2;1;5.00;0\n"
    assert "discount_amount" in guessed(draft(project, lines=lines.format("Rabatt")))["order_lines"]
    assert "discount_amount" not in guessed(draft(project, "other", lines=lines.format("Rabatt %")))["order_lines"]


def test_a_row_that_is_there_twice_hides_no_key(project: Path) -> None:
    drafted = draft(
        project,
        customers="Customer ID;Customer Name;Country\nC1;Acme;DE\nC2;Bolt;PL\nC2;Bolt;PL\n",
        orders="Order No;Customer ID;Order Date\nS-1;C1;2026-01-01\nS-2;C2;2026-01-02\n",
    )
    assert "accounts" in guessed(drafted) and "account_versions" not in guessed(drafted)


GERMAN = {
    "Kundenstamm": "Kundennummer;Firma;Land\n1;Bolt & Söhne;DE\n2;Nordbau;DE\n",
    "Aufträge": "Auftragsnummer;Kundennummer;Bestelldatum;Währung;Kanal\n"
    "S-1;1;31.01.2026 17:05;EUR;Außendienst\nS-2;1;14.02.2026 09:00;EUR;Webshop\n",
    "Auftragspositionen": "Auftragsnummer;Artikelnummer;Menge;Stückpreis\nS-1;P1;100;0,12\nS-1;P2;1;89,00\n",
}


def test_german_words_with_their_umlauts(project: Path) -> None:
    drafted = draft(project, **GERMAN)
    assert {model.table: model.mapping.entity for model in drafted.models} == {
        "auftrage": "orders",
        "auftragspositionen": "order_lines",
        "kundenstamm": "accounts",
    }
    orders = guessed(drafted)["orders"]
    assert orders["currency_code"] == '"Währung"'
    assert "when 'außendienst' then 'sales_rep'" in orders["order_channel"]
    assert "unit_price" in guessed(drafted)["order_lines"]


def test_the_name_of_a_file_decides_between_entities_that_fit_alike(project: Path) -> None:
    columns = "Nummer;Name\n1;Bolt\n2;Nordbau\n"
    for file, entity in {"kunden": "accounts", "export_lieferanten": "suppliers", "artikel": "products"}.items():
        assert [model.mapping.entity for model in draft(project, file, **{file: columns}).models] == [entity]


def test_who_knows_what_a_file_is_need_not_have_it_guessed(project: Path) -> None:
    files = {"list": "Nummer;Name\n1;Bolt\n2;Nordbau\n", "orders": "order_id,ordered_at\n1,2026-01-31\n"}
    draft(project, "guessed", **files)
    sources = [str(project.parent / f"{stem}.csv") for stem in files]
    drafted = draft_system("given", sources, "UTC", project, {"list.csv": "suppliers"})
    assert {model.table: model.mapping.entity for model in drafted.models} == {"list": "suppliers", "orders": "orders"}
    for given, reason in (
        ({"lists": "suppliers"}, "there is no such file. The files: list, orders"),
        ({"list": "supplier"}, "did you mean 'suppliers'"),
        ({"list": "x"}, "The entities: accounts"),
    ):
        with pytest.raises(WarehouseError, match=reason):
            draft_system("wrong", sources, "UTC", project, given)
    assert not (project / "models" / "staging" / "wrong").exists()


def test_orders_with_totals_are_lines_if_the_user_says_so(project: Path) -> None:
    (project.parent / "sales.csv").write_text("Order No;Order Date;Total\nS-1;2026-01-31;12.50\n", encoding="utf-8")
    drafted = draft_system("given", [str(project.parent / "sales.csv")], "UTC", project, {"sales": "order_lines"})
    lines = guessed(drafted)["order_lines"]
    assert (lines["order_id"], lines["quantity"], lines["unit_price"]) == ('"Order No"', "'1'", '"Total"')


def test_further_exports_are_added_and_nothing_is_changed(project: Path) -> None:
    folder = draft(project, **{name: GERMAN[name] for name in ("Aufträge", "Auftragspositionen")}).folder
    orders = folder / "stg_acme__orders.sql"
    orders.write_text("select 'mended'", encoding="utf-8")
    sources = folder / "_acme__sources.yml"
    before = sources.read_text(encoding="utf-8")
    for name in ("Kundenstamm", "Aufträge"):
        (project.parent / f"{name}.csv").write_text(GERMAN[name], encoding="utf-8")

    added = add_to_system("acme", [str(project.parent)], project)
    assert [(model.table, model.mapping.entity) for model in added.models] == [("kundenstamm", "accounts")]
    assert "Aufträge.csv: auftrage is a table of acme already; load it." in added.left_out
    assert orders.read_text(encoding="utf-8") == "select 'mended'"
    assert sources.read_text(encoding="utf-8").startswith(before)
    tables = yaml.safe_load(sources.read_text(encoding="utf-8"))["sources"][0]["tables"]
    assert [table["name"] for table in tables] == ["auftrage", "auftragspositionen", "kundenstamm"]
    assert "    acme: [orders, order_lines, accounts]\n" in (project / "dbt_project.yml").read_text(encoding="utf-8")

    for name, reason in (("acme", "Nothing new can be drafted"), ("other", "no system named 'other' to add to")):
        with pytest.raises(WarehouseError, match=reason):
            add_to_system(name, [str(project.parent)], project)


@pytest.mark.parametrize("more", ["    loader: by hand\n", "  - name: other\n    tables: []\n", "  no: [yaml\n"])
def test_a_sources_file_of_another_shape_is_left_alone(project: Path, more: str) -> None:
    folder = draft(project, orders=GERMAN["Aufträge"]).folder
    sources = folder / "_acme__sources.yml"
    changed = sources.read_text(encoding="utf-8") + more
    sources.write_text(changed, encoding="utf-8")
    customers = project.parent / "customers.csv"
    customers.write_text(GERMAN["Kundenstamm"], encoding="utf-8")
    with pytest.raises(WarehouseError, match="one source, with `tables` at its end"):
        add_to_system("acme", [str(customers)], project)
    assert sources.read_text(encoding="utf-8") == changed
    assert not (folder / "stg_acme__accounts.sql").exists()


def test_rows_that_two_models_read_are_counted_by_one(project: Path) -> None:
    folder = draft(project, sales="Order No;Order Date;Article;Qty;Price\nS-1;2026-01-31;P1;1;2.00\n").folder
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    assert "'sales', relation" not in texts["stg_acme__orders"] and "table=none" in texts["stg_acme__orders"]
    assert "the rows of sales are counted by another model" in texts["stg_acme__orders"]
    assert "table='sales'" in texts["stg_acme__order_lines"]


def test_words_that_nobody_knows_are_left_to_the_reader(project: Path) -> None:
    drafted = draft(project, orders="order_id,ordered_at,status\n1,2026-01-31,Shipped\n2,2026-01-31,Foo\n")
    assert "status" not in guessed(drafted)["orders"]
    sql = (drafted.folder / "stg_acme__orders.sql").read_text(encoding="utf-8")
    assert "-- guess: status may be status, but says Foo; to use it, translate its words" in sql


def test_a_required_column_that_is_not_there_is_null_and_told(project: Path) -> None:
    drafted = draft(project, payments="payment no,invoice no,amount\n1,2,3\n")
    (model,) = drafted.models
    assert (model.mapping.entity, model.mapping.missing) == ("payments", ("paid_on",))
    sql = (drafted.folder / "stg_acme__payments.sql").read_text(encoding="utf-8")
    assert "-- guess: nothing in the export looks like paid_on" in sql
    assert "cast(null as varchar) as paid_on," in sql


@pytest.mark.parametrize(
    "name", ["", "Acme", "1shop", "a__b", "shop_", "_shop", "a-b", "a b", "../x", "a;drop", "demo_x", "a" * 41, "é"]
)
def test_bad_names_are_refused(project: Path, name: str) -> None:
    with pytest.raises(WarehouseError, match=r"(?i)name"):
        draft(project, name, orders="order_id,ordered_at\n1,2026-01-31\n")
    assert list((project / "models" / "staging").iterdir()) == []


def test_nothing_is_overwritten(project: Path) -> None:
    orders = "order_id,ordered_at\n1,2026-01-31\n"
    folder = draft(project, orders=orders).folder
    before = {path: path.read_text(encoding="utf-8") for path in [*folder.iterdir(), project / "dbt_project.yml"]}
    for name in ("acme", "online_retail"):
        with pytest.raises(WarehouseError, match=f"There is a system named '{name}' already"):
            draft(project, name, orders=orders)
    assert {path: path.read_text(encoding="utf-8") for path in before} == before


def test_it_is_registered_with_all_comments_kept(project: Path) -> None:
    before = (project / "dbt_project.yml").read_text(encoding="utf-8").splitlines()
    assert draft(project, orders="order_id,ordered_at\n1,2026-01-31\n").registration.is_done
    after = (project / "dbt_project.yml").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [
        "    acme: [orders]",
        "    acme: Europe/Berlin",
        "      acme: {+enabled: \"{{ 'acme' in var('enabled_systems', []) }}\"}",
    ]
    assert [line for line in after if "acme" not in line] == before


def test_a_project_file_of_another_shape_is_left_alone(project: Path) -> None:
    path = project / "dbt_project.yml"
    changed = path.read_text(encoding="utf-8").replace("  source_timezones:\n", "  source_timezones: # of exports\n")
    path.write_text(changed, encoding="utf-8")
    registration = draft(project, orders="order_id,ordered_at\n1,2026-01-31\n").registration
    assert not registration.is_done
    assert registration.lines["vars: source_timezones"] == "    acme: Europe/Berlin"
    assert path.read_text(encoding="utf-8") == changed


@pytest.mark.parametrize(
    "column",
    ['x"; drop table y; --', "{{ env_var('HOME') }}", "{% set x = 1 %}", "a\\", "it's", "two\nlines", "x -- y", "{#"],
)
def test_columns_with_odd_signs_are_not_named(project: Path, column: str) -> None:
    quoted = column.replace('"', '""')
    drafted = draft(project, orders=f'order_id,ordered_at,"{quoted}"\n1,2026-01-31,z\n')
    for path in drafted.folder.iterdir():
        assert column not in path.read_text(encoding="utf-8")
    sql = (drafted.folder / "stg_acme__orders.sql").read_text(encoding="utf-8")
    assert "-- 1 columns cannot be named here" in sql


def test_table_names_are_plain_words() -> None:
    names = ["Sales 2026-01.csv", "order.csv", "2026.csv", "../../x.csv", "a'; drop--.csv", "Übersicht.csv"]
    assert [table_of(name) for name in names] == ["sales", "order_rows", "export", "export", "a_drop", "ubersicht"]
