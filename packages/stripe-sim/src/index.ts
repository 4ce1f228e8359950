import { controlRoutes } from "./http/control-api.js";
import { apiRoutes } from "./routes/table.js";

export { startStripeSim, type StripeSim, type StripeSimOptions } from "./sim.js";
export { type EndpointView, type StripeSimControl } from "./control.js";
export { type ClockMode, type ClockView } from "./clock.js";
export { type Fault, type FaultKind } from "./http/faults.js";
export { type LoggedRequest } from "./http/request-log.js";
export { type Log } from "./log.js";
export { type Delivery } from "./store/kinds.js";

/** One endpoint and the names of its parameters. `:id` in the path stands for an object's id. */
export interface StripeSimRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly params: readonly string[];
}

const described = ({
  method,
  path,
  params,
}: {
  method: StripeSimRoute["method"];
  path: string;
  params: object;
}): StripeSimRoute => ({
  method,
  path,
  params: Object.keys(params),
});

/** Every endpoint of the API the simulator serves. */
export const stripeSimRoutes: readonly StripeSimRoute[] = apiRoutes.map(described);
/** Every control route under `/_sim/`. */
export const stripeSimControlRoutes: readonly StripeSimRoute[] = controlRoutes.map(described);
