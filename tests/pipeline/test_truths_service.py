"""Service and satisfaction in the demo company: what is planted is found, and numbers agree across marts."""

from command_line import CommandLine


def test_the_key_account_that_went_silent_had_complained(demo: CommandLine) -> None:
    # docs/demo_company.md: 7 tickets from August 2025 that waited for days, NPS answers of 1 and 2, then silence
    (row,) = demo.rows("select * from kpi_service_account where account_id = 'demo_crm:A1902'")
    assert row["complaints"] >= 7
    assert row["sla_hit_rate"] < 0.5
    assert row["response_longest_hours"] > 72
    assert row["nps_class"] == "detractor"
    assert row["nps_mean_score"] <= 2
    assert row["reason"] == "detractor, late_answers"
    assert row["is_lost"]


def test_it_is_among_few(demo: CommandLine) -> None:
    # lost, dissatisfied and kept waiting: nobody else is all of it
    rows = demo.rows(
        """select account_id from kpi_service_account
        where is_lost and reason like '%detractor%' and reason like '%late_answers%'"""
    )
    assert rows == [{"account_id": "demo_crm:A1902"}]


def test_service_agrees_with_the_facts(demo: CommandLine) -> None:
    (facts,) = demo.rows(
        """select count(*) as inquiries, count(*) filter (where first_responded_at is null) as unanswered
        from fct_inquiries where is_valid and not is_opened_by_agent"""
    )
    totals = demo.rows(
        """select sum(inquiries) as inquiries, sum(unanswered_inquiries) as unanswered, sum(answers) as answers
        from kpi_service
        group by channel = 'all', topic = 'all'"""
    )
    expected = {**facts, "answers": facts["inquiries"] - facts["unanswered"]}
    assert totals == [expected] * 4
    accounts = demo.value("select sum(inquiries) from kpi_service_account")
    of_nobody = demo.value(
        "select count(*) from fct_inquiries where is_valid and not is_opened_by_agent and account_id is null"
    )
    assert accounts + of_nobody == facts["inquiries"]


def test_surveys_agree_with_the_facts(demo: CommandLine) -> None:
    facts = demo.rows(
        """select survey_type, count(*) filter (where is_valid) as sent, count(*) filter (where is_counted) as responses
        from fct_survey_responses group by survey_type order by survey_type"""
    )
    query = """select survey_type, sum(surveys_sent) as sent, sum(responses) as responses from kpi_satisfaction
        where company_size {} 'all' group by survey_type order by survey_type"""
    assert demo.rows(query.format("=")) == facts
    assert demo.rows(query.format("<>")) == facts


def test_satisfaction_covers_every_customer_and_all_sales(demo: CommandLine) -> None:
    (classes,) = demo.rows(
        """select sum(customers) as customers, sum(lost_customers) as lost,
        round(cast(sum(net_sales_12m_amount) as double), 2) as net_sales from kpi_satisfaction_revenue"""
    )
    (profiles,) = demo.rows(
        """select count(*) filter (where is_customer) as customers, count(*) filter (where is_lost) as lost,
        round(cast(sum(net_sales_12m_amount) as double), 2) as net_sales from kpi_account_profile"""
    )
    assert classes == profiles


def test_reviews_agree_with_the_contract(demo: CommandLine) -> None:
    (row,) = demo.rows(
        "select sum(reviews) as reviews, sum(good_reviews) as good from kpi_review where period <> 'all'"
    )
    assert 0 < row["good"] < row["reviews"]
