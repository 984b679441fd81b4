"""Running a cell over time: the plain loop, the engine for training, and the layer around both."""
