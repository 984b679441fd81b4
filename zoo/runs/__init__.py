"""Runs on disk: folders, atomic files, and progress on the console."""
