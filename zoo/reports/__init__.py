"""What is told of a run and of a search: pictures, a card, a page, and curves for a terminal."""
