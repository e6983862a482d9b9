// The first order of the README, by the client that openapi-typescript generates.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Problem = components["schemas"]["common.Problem"];
type Currency = components["schemas"]["common.Currency"];

// Lists answer as sheets, too, if they are asked to: these are the media types that this program reads.
const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: process.env.SIHE_URL ?? "http://127.0.0.1:8080",
  headers: { Authorization: `Bearer ${process.env.SIHE_KEY ?? ""}` },
});
const ending = crypto.randomUUID().slice(0, 8);
const currency: Currency = "USD";
const usd = (amount: string) => ({ amount, currency });
const once = () => ({ header: { "Idempotency-Key": crypto.randomUUID() } });

function done<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error) {
    const errors = (answer.error.errors ?? []).map((each) => `${each.pointer} ${each.detail}`);
    throw new Error([answer.error.detail, ...errors].join("; "));
  }
  if (answer.data === undefined) throw new Error("an answer without content");
  return answer.data;
}

function first<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("no row");
  return row;
}

async function idle(): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (done(await client.GET("/api/v1/ops/lag")).idle) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the suite has pending work after 30 s");
}

const warehouse = `MAIN-${ending}`;
const sku = `LAMP-${ending}`;
done(await client.POST("/api/v1/scm/warehouses", { params: once(), body: { code: warehouse, name: "Main warehouse" } }));
done(await client.POST("/api/v1/scm/items", { params: once(), body: { sku, name: "Desk lamp", unit: "piece" } }));
const supplier = done(
  await client.POST("/api/v1/srm/suppliers", {
    params: once(),
    body: { code: `LUMEN-${ending}`, name: "Lumen Works", currency },
  }),
);
const customer = done(
  await client.POST("/api/v1/crm/customers", {
    params: once(),
    body: { code: `ATLAS-${ending}`, name: "Atlas Books", currency, credit_limit: usd("5000.00") },
  }),
);

const bought = done(
  await client.POST("/api/v1/srm/purchase-orders", {
    params: once(),
    body: {
      supplier_id: supplier.id,
      currency,
      warehouse,
      lines: [{ sku, quantity: "20", unit_price: usd("30.00") }],
    },
  }),
);
const ofPurchase = { ...once(), path: { order_id: bought.id } };
done(await client.POST("/api/v1/srm/purchase-orders/{order_id}/send", { params: ofPurchase, body: {} }));
await idle();
done(
  await client.POST("/api/v1/scm/goods-receipts", {
    params: once(),
    body: { purchase_order_id: bought.id, lines: [{ sku, quantity: "20" }] },
  }),
);

const order = done(
  await client.POST("/api/v1/crm/sales-orders", {
    params: once(),
    body: {
      customer_id: customer.id,
      currency,
      warehouse,
      freight: usd("18.00"),
      lines: [{ sku, quantity: "12", unit_price: usd("49.50"), discount_percent: "10" }],
    },
  }),
);
const ofOrder = { path: { order_id: order.id } };
done(await client.POST("/api/v1/crm/sales-orders/{order_id}/place", { params: { ...once(), ...ofOrder }, body: {} }));
await idle();

const shipments = done(
  await client.GET("/api/v1/scm/shipments", { params: { query: { sales_order_id: [order.id] } } }),
);
const ofShipment = { ...once(), path: { shipment_id: first(shipments.data).id } };
done(await client.POST("/api/v1/scm/shipments/{shipment_id}/dispatch", { params: ofShipment, body: {} }));
await idle();

const invoices = done(await client.GET("/api/v1/erp/invoices", { params: { query: { sales_order_id: [order.id] } } }));
const invoice = first(invoices.data);
done(
  await client.POST("/api/v1/erp/payments", {
    params: once(),
    body: {
      direction: "in",
      party_id: customer.id,
      paid_on: invoice.invoiced_on,
      amount: { amount: invoice.total.amount, currency },
      allocations: [{ document_id: invoice.id, amount: { amount: invoice.total.amount, currency } }],
    },
  }),
);
await idle();

const refused = await client.POST("/api/v1/crm/sales-orders/{order_id}/place", {
  params: { ...once(), ...ofOrder },
  body: {},
});
const paid = done(await client.GET("/api/v1/crm/sales-orders/{order_id}", { params: ofOrder }));
console.log(paid.status, invoice.total.amount, refused.error?.code);
