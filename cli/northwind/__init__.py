"""Two years of a trading firm's business, from its tables of customers, suppliers, products and orders."""
