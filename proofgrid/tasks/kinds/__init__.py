"""One module or package a kind of task; each implements make, prompt, read and judge."""
