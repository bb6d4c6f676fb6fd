"""The HTML and Markdown reports."""
