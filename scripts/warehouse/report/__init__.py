"""The report site: static pages in four languages, written from a publication alone."""

from warehouse.report.site import Report, site_build_id, write_report

__all__ = ["Report", "site_build_id", "write_report"]
