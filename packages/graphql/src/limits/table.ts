/** Items a page may hold at most. */
export const maxPageSize = 100;

/**
 * How large one GraphQL request may be. Everything beyond is refused before anything runs, with the name of the limit, so that a
 * client can see which one it met.
 */
export const requestLimits = {
  /** Bytes of an HTTP body. */
  bodyBytes: 1_000_000,
  /** Lexical tokens of a document; parsing stops there. */
  tokens: 1_500,
  /** Nested fields. */
  depth: 12,
  /** Nested fields below `__schema` and `__type`; the explorer's own query needs 15. */
  introspectionDepth: 20,
  /** Aliased fields in a document, `x: __typename` among them. */
  aliases: 50,
  /** Fields at the root of an operation. */
  rootFields: 20,
  /** Directives in a document. */
  directives: 40,
  /** Operations in a document. */
  operations: 10,
  /** Selections after every fragment is spread. */
  recursiveSelections: 1_000,
  /** Fields that one operation can touch when every page is full. */
  cost: 25_000,
  /** Errors in the answer to a request that was refused before it ran. */
  errors: 5,
} as const;

/** What an unpaged list counts as when the cost of an operation is estimated. */
export const assumedListSize = 10;

/**
 * How much a tenant may ask for, as token buckets: a burst at once, then so much a second. Each of its keys and people has half of it, an address
 * without a token a tenth; failures have a bucket for each address. A deployment changes them with RATE_LIMITS.
 */
export const rateLimits = {
  /** GraphQL requests, also those that are refused for what they say. */
  requests: { burst: 2_000, perSecond: 200 },
  /** Fields at the root of a mutation. */
  writes: { burst: 600, perSecond: 30 },
  /** Fields that operations can touch when every page is full. */
  cost: { burst: 500_000, perSecond: 50_000 },
  /** Requests with a token or key that is not good: of one address, or of one credential that was good once. So often is looked for unknown keys. */
  failures: { burst: 100, perSecond: 1 },
} as const;

/**
 * How many operations of signed-in callers one process runs at once, and how many of one tenant: who asks much waits for its own requests, not others
 * for them. More at once would not be faster on one event loop.
 */
export const turnRules = { atOnce: 8, ofOne: 2, waiting: 200 } as const;
