"""Reading answers: JSON that is nearly JSON, sections of text, values."""
