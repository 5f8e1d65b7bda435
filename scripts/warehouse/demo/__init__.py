"""The demo company: a wholesaler of workplace supplies in Poland, generated from a seed, the same bytes every time.

What is planted in it for the reader to find is listed in docs/demo_company.md.
"""

from warehouse.demo.company import generate
from warehouse.demo.writer import write_lake, write_seeds

__all__ = ["generate", "write_lake", "write_seeds"]
