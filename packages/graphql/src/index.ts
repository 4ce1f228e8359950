import "reflect-metadata";

export { Requires } from "./requires.js";
export { DateTime } from "./wire/date-time.js";
export { Money, moneyOf } from "./wire/money.js";
export { wordOf } from "./wire/words.js";
export {
  type Connection,
  connectionOf,
  edgeOf,
  type Edge,
  PageArgs,
  PageInfo,
  pageOf,
  toConnection,
} from "./wire/connections.js";
export { type Later } from "./wire/later.js";
export { type Entity, extensionOf } from "./subgraph/entities.js";
export { buildSubgraph, type Subgraph, type SubgraphEntity, type SubgraphParts } from "./subgraph/subgraph.js";
export { type Budget, budget } from "./limits/budget.js";
export { RateLimitedError, type RateLimits } from "./limits/charge.js";
export { type FailureBudget, failureBudget } from "./limits/failure-budget.js";
export { assumedListSize, maxPageSize, rateLimits, requestLimits } from "./limits/table.js";
export { formatError } from "./errors/format-error.js";
export { type Endpoint, type EndpointParts, graphqlEndpoint } from "./server/endpoint.js";
export { tokenRequired } from "./server/identity-plugin.js";
export { type Context, isVisitor, visitorClaims, visitorMutations } from "./server/visitor.js";
export { type AddedField, addedFields, type Crossing, crossingsOf } from "./merge/crossings.js";
export { type Home, homesOf } from "./merge/homes.js";
export { mergeSubgraphs } from "./merge/merge-subgraphs.js";
export {
  CallSecret,
  signCall,
  type SignedCall,
  signedCallHeader,
  signedCallSeconds,
  verifyCall,
} from "./signed-call/signed-call.js";
export { configsOf, type Env } from "./alone/configs.js";
export { CallConfig, HostConfig, StoreConfig } from "./alone/hosting.js";
export { askInternally, type InternalQuestion, internalRoutes } from "./alone/internal-routes.js";
export { opening } from "./alone/opening.js";
export { openSurroundings, type Surroundings, type SurroundingsParts } from "./alone/outside.js";
export { type AloneParts, runServiceAlone, type ServiceAlone, startServiceAlone } from "./alone/run-service-alone.js";
