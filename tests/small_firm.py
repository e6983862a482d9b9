"""A firm of a few rows in the form of the Northwind tables, quirks included; its figures are worked out by hand."""

from pathlib import Path

TABLES = {
    "customers": """\
customer_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone,fax
ACORN,Acorn Foods,Lena Ott,Owner,Eichweg 1,Bonn,,53111,Germany,0228-0001,
BIRCH,Birch & Sons,Tom Birch,Buyer,7 Hill Rd.\\nUnit 2,Leeds,Yorks,LS1,UK,(113) 555-0002,
CEDAR,Cedar Café,Ana Sol,Cook,"Rúa do Mar, 3",Vigo,,,Spain,(986) 555-0003,
""",
    "suppliers": """\
supplier_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone,fax,homepage
1,Mill Ltd.,Una Mill,Sales,1 Mill Lane,York,,YO1,UK,(190) 555-0101,,
2,Hof KG,Jan Hof,Vertrieb,Hof 2,Ulm,,89073,Germany,(731) 555-0102,,#HOF.HTM#
""",
    "shippers": """\
shipper_id,company_name,phone
1,Swift,(503) 555-0201
2,Steady,(503) 555-0202
""",
    "products": """\
product_id,product_name,supplier_id,category_id,quantity_per_unit,unit_price,units_in_stock,units_on_order,reorder_level,discontinued
1,Flour,1,1,20 - 1 kg bags,10,5,0,10,0
2,Honey,2,1,12 jars,21.35,3,40,0,0
3,Cheese,2,1,1 wheel,100,0,0,0,1
""",
    "orders": """\
order_id,customer_id,employee_id,order_date,required_date,shipped_date,ship_via,freight,ship_name,ship_address,ship_city,ship_region,ship_postal_code,ship_country
501,ACORN,4,1996-07-04,1996-08-01,1996-07-10,1,5.25,Acorn Foods,Eichweg 1,Bonn,,53111,Germany
502,BIRCH,4,1998-04-01,1998-04-29,1998-04-06,2,10,Birch & Sons,7 Hill Rd.\\nUnit 2,Leeds,Yorks,LS1,UK
503,ACORN,2,1998-04-02,1998-04-30,1998-04-07,1,0,Acorn Foods,Eichweg 1,Bonn,,53111,Germany
504,BIRCH,2,1998-05-06,1998-06-03,,1,7.50,Birch & Sons,7 Hill Rd.\\nUnit 2,Leeds,Yorks,LS1,UK
""",
    "order_details": """\
order_id,product_id,unit_price,quantity,discount
501,1,10,10,0
501,2,21.35,3,0.15
502,3,99.95,2,0.05
503,1,9.5,4,0
504,1,10,8,0
504,2,21.35,1,0.2
""",
}

# 501: 100.00 + 54.44 (21.35 x 3 x 0.85 = 54.4425), 502: 189.91 (189.905 half up), 503: 38.00
INVOICED_LINES = "382.35"
# 503 falls due on 1998-05-07, a day after the end
RECEIVABLES = "38.00"
# 70 %: flour 7.00, honey 14.95 (14.945 half up), cheese 70.00; sold 14, 3 and 2; left 5, 3 and 0
COST_OF_GOODS = "282.85"
STOCK_VALUE = "79.85"
# flour 19 x 7.00, honey 6 x 14.95, cheese 2 x 70.00 = 362.70 paid out; 501 (159.69) and 502 (199.91) came in
BANK = "-3.10"
# 397.60 invoiced with freight, less the cost of goods
PROFIT = "114.75"
# 504 wants 8 flour of 5, and 1 honey of 3
RESERVED, BACKORDERED = "6", "3"
# 80.00 + 17.08
OPEN_GOODS = "97.08"


def write_tables(folder: Path) -> Path:
    """Write the tables as files into the folder; return it."""
    folder.mkdir(exist_ok=True)
    for name, rows in TABLES.items():
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    return folder
