"""Import of the Northwind data: two years of a trading company's customers, suppliers, products and orders."""
