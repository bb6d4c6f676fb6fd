"""Checking over HTTP: the application behind ``proofgrid serve``, and a client for it."""
