import { type AccessCalls, accessCalls } from "./access.js";
import { type ChargeCalls, chargeCalls } from "./charges.js";
import { type MetaClientOptions, graphOf } from "./graph.js";
import { type PhoneCalls, phoneCalls } from "./phone.js";
import { type TemplateCalls, templateCalls } from "./template.js";
import { type WabaCalls, wabaCalls } from "./waba.js";

/** Every call of the Graph API that the platform makes. All throw MetaError and nothing else. */
export type MetaClient = AccessCalls & WabaCalls & PhoneCalls & TemplateCalls & ChargeCalls;

/**
 * A client for Meta's Graph API. It holds no state and no tokens: each call is given the token it shall use. Calls that only read,
 * and those that Meta documents as safe to repeat, are repeated on transient failures; all others are tried once, and the error
 * says in `mayHaveHappened` whether to look before repeating.
 */
export function metaClient(options: MetaClientOptions): MetaClient {
  const graph = graphOf(options);
  return {
    ...accessCalls(graph, options),
    ...wabaCalls(graph),
    ...phoneCalls(graph),
    ...templateCalls(graph),
    ...chargeCalls(graph, options),
  };
}
