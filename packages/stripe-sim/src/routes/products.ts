import { refusals } from "../http/errors.js";
import { page } from "../http/page.js";
import { emptyable, flag, list, must, range, text } from "../http/params.js";
import { mergeMetadata, metadata, paging, type Route, route } from "../http/route.js";
import { getProduct } from "../lookups.js";
import { type Product } from "../shapes.js";

const fields = {
  active: flag(),
  description: text(),
  metadata,
  unit_label: text(12),
  statement_descriptor: text(22),
  tax_code: text(),
  url: text(),
};

const create = route("POST /v1/products", { ...fields, name: must(text()), id: text() }, async ({ unit }, params) => {
  if (params.id !== undefined && (await unit.get("products", params.id)))
    throw refusals.alreadyExists(`Product already exists with id ${params.id}.`, "id");
  const product: Product = {
    id: params.id ?? unit.ids.next("prod"),
    object: "product",
    active: params.active ?? true,
    created: unit.now,
    default_price: null,
    description: params.description ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: mergeMetadata({}, params.metadata),
    name: params.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: params.statement_descriptor ?? null,
    tax_code: params.tax_code ?? null,
    tax_details: null,
    type: "service",
    unit_label: params.unit_label ?? null,
    updated: unit.now,
    url: params.url ?? null,
  };
  await unit.put("products", product);
  await unit.emit("product.created", product);
  return product;
});

const update = route(
  "POST /v1/products/:id",
  {
    active: flag(),
    name: text(),
    metadata,
    description: emptyable(text()),
    unit_label: emptyable(text(12)),
    tax_code: emptyable(text()),
    url: emptyable(text()),
    statement_descriptor: text(22),
  },
  async (context, params) => {
    const { unit } = context;
    const before = await getProduct(context, context.id);
    const { metadata: change, ...given } = params;
    const product: Product = {
      ...before,
      ...given,
      metadata: mergeMetadata(before.metadata, change),
      updated: unit.now,
    };
    await unit.put("products", product);
    await unit.emit("product.updated", product, before);
    return product;
  },
);

export const productRoutes: readonly Route[] = [
  create,
  route("GET /v1/products/:id", {}, (context) => getProduct(context, context.id)),
  update,
  route(
    "GET /v1/products",
    { ...paging, active: flag(), created: range(), ids: list(text()) },
    (context, { active, created, ids, ...rest }) =>
      page(context, {
        kind: "products",
        what: "product",
        url: "/v1/products",
        fields: { active, id: ids && { $in: ids } },
        created,
        paging: rest,
      }),
  ),
];
