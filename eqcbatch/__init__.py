"""eqcbatch gives every company name of a workbook its stable company_id, as a checkpointed batch job."""

__version__ = "0.2.0"
