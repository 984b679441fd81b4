"""The base classes of cells, which `zoo.recurrent_cell` joins: weights, products, linear steps."""
