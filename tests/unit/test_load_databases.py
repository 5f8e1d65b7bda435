"""Connection strings: the password comes from the environment, and no message shows it."""

import pytest
from warehouse.errors import WarehouseError
from warehouse.load.databases import database_url, is_url

ENVIRONMENT = {"SHOP_PASSWORD": "s3/cr@t:", "DB_HOST": "db.example", "MYSQL_PWD": "of mysql"}


@pytest.mark.parametrize(
    ("text", "driver", "password", "host"),
    [
        ("postgresql://ann:${SHOP_PASSWORD}@localhost:5433/shop", "postgresql+psycopg", "s3/cr@t:", "localhost"),
        ("postgres://ann@${DB_HOST}/shop", "postgresql+psycopg", None, "db.example"),
        ("mysql://ann:${SHOP_PASSWORD}@localhost/shop", "mysql+pymysql", "s3/cr@t:", "localhost"),
        ("mysql://ann@localhost/shop", "mysql+pymysql", "of mysql", "localhost"),
        ("mariadb+mariadbconnector://ann@localhost/shop", "mariadb+pymysql", "of mysql", "localhost"),
    ],
)
def test_what_a_connection_string_means(text: str, driver: str, password: str | None, host: str) -> None:
    assert is_url(text)
    url = database_url(text, ENVIRONMENT)
    assert (url.drivername, url.username, url.password, url.host) == (driver, "ann", password, host)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("postgresql://ann:hunter2@localhost/shop", "A password in the connection string"),
        ("postgresql://ann:hunter2${SHOP_PASSWORD}@localhost/shop", "A password in the connection string"),
        ("mysql://ann@localhost/shop?password=hunter2", "A password in the connection string"),
        ("postgresql://ann:${HUNTER}@localhost/shop", r"\$\{HUNTER\}, which is not set"),
        ("postgresql://ann@localhost:port/shop", "no connection string"),
        ("https://localhost/orders.csv", "Download a file first"),
        ("sqlite:///shop.db", "only postgresql://, mysql://, mariadb://, http:// and https://"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(WarehouseError, match=message) as error:
        database_url(text, ENVIRONMENT)
    assert "hunter2" not in str(error.value)
    assert not any(value in str(error.value) for value in ENVIRONMENT.values())
