"""Reports: figures as tables, pictures and self-contained HTML pages."""
