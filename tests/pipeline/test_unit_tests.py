"""dbt's unit tests: their own settings hold, and how a company sets its variables changes none of them."""

import json

import pytest
from command_line import CommandLine

OTHER_SETTINGS = {
    "base_currency": "XXX",
    "reporting_timezone": "Asia/Tokyo",
    "session_timeout_minutes": 5,
    "identity_window_days": 3,
    "source_lookback_days": 1,
    "cart_window_days": 1,
    "quote_grace_days": 1,
    "exchange_rate_max_age_days": 99,
    "exclude_orders_without_buyer": False,
    "key_events": ["other"],
    "final_quote_states": ["other"],
    "search_engines": ["other"],
    "bot_user_agent_pattern": "other",
    "price_cut_min_items": 1,
    "price_cut_min_days": 1,
    "price_cut_window_days": 1,
    "offline_order_channels": ["other"],
    "digital_influence_days": 1,
    "research_page_types": ["other"],
}


@pytest.mark.parametrize("settings", [{}, OTHER_SETTINGS], ids=["default settings", "other settings"])
def test_unit_tests_pass_whatever_the_settings(demo_to_work_on: CommandLine, settings: dict[str, object]) -> None:
    output = demo_to_work_on.succeed("dbt", "--", "test", "--select", "test_type:unit", "--vars", json.dumps(settings))
    assert " FAIL=" not in output
    assert "PASS=0" not in output and "ERROR=0" in output
