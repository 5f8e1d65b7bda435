"""What every metric means, as data: its card, and the SQL that MetricFlow makes of its definition."""
