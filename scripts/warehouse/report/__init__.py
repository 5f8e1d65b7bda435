"""The report site: static pages in four languages, written from a publication alone."""

from warehouse.report.site import Report, write_report

__all__ = ["Report", "write_report"]
