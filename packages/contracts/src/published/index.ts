import { houseKinds } from "./house-kinds.js";
import { type PublishedKind } from "./kind.js";
import { setupKinds } from "./setup-kinds.js";
import { workKinds } from "./work-kinds.js";

export { jsonSchemaOf, problemOf, type PublishedKind, publishKind } from "./kind.js";

/** Every kind of event that a client can have sent to it, in each version of its payload: the published catalogue. */
export const publishedKinds: readonly PublishedKind[] = [...setupKinds, ...workKinds, ...houseKinds];
