export { describeSubgraphs, type Platform, type PlatformOptions, type Services, startPlatform } from "./all-in-one.js";
export { pageDocuments } from "./pages/documents.js";
export { type GatewayParts, type RunningGateway, serveGateway } from "./federation/serve-gateway.js";
export { localEnvironment } from "./local/environment.js";
export { type LocalOptions, type LocalPlatform, startLocal } from "./local/local-platform.js";
export {
  type LocalProviders,
  moveTogether,
  settleTogether,
  startLocalMeta,
  startLocalStripe,
  wireWebhooks,
} from "./local/providers.js";
export { type LocalSecrets, readSecrets } from "./local/secrets.js";
export { localProvider, localStaff } from "./local/staff.js";
export { offlineOutside, shapeOnlyEnv } from "./schemas/offline.js";
export { type ServiceName, serviceNames } from "./services.js";
export {
  type ClientMonth,
  type MonthFigures,
  ownFigures,
  readClientMonth,
  reconcile,
  type Reconciliation,
} from "./story/billing.js";
export { actFor, type Client, type ClientPlan } from "./story/clients.js";
export { bringLive, type LiveClient, sampleClients, twoClients } from "./story/provider.js";
export { postSamples, sampleFiles } from "./story/samples.js";
export { ask, control, type StaffRole, type Target } from "./story/target.js";
export { decideTemplates } from "./story/templates.js";
export { planTraffic, runTraffic } from "./story/traffic.js";
