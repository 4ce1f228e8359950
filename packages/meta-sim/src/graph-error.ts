/** A refusal in Meta's own envelope (Meta: Graph API, handling errors). */
export class GraphError extends Error {
  override readonly name = "GraphError";

  readonly httpStatus: number;
  readonly code: number;

  constructor(
    [httpStatus, code]: readonly [httpStatus: number, code: number],
    message: string,
    readonly extra: GraphErrorExtra = {},
  ) {
    super(message);
    this.httpStatus = httpStatus;
    this.code = code;
  }

  /** The answer's body. */
  envelope(fbtraceId: string): Record<string, unknown> {
    return {
      error: {
        message: this.message,
        type: this.extra.type ?? "OAuthException",
        code: this.code,
        ...(this.extra.subcode === undefined ? {} : { error_subcode: this.extra.subcode }),
        ...(this.extra.isTransient === undefined ? {} : { is_transient: this.extra.isTransient }),
        ...(this.extra.userTitle === undefined ? {} : { error_user_title: this.extra.userTitle }),
        ...(this.extra.userMessage === undefined ? {} : { error_user_msg: this.extra.userMessage }),
        fbtrace_id: fbtraceId,
      },
    };
  }
}

export interface GraphErrorExtra {
  readonly type?: string;
  readonly subcode?: number;
  readonly isTransient?: boolean;
  readonly userTitle?: string;
  readonly userMessage?: string;
}

export const graphErrors = {
  noToken: (): GraphError => new GraphError([401, 190], "An access token is required to request this resource."),
  badToken: (): GraphError => new GraphError([401, 190], "Invalid OAuth access token - Cannot parse access token"),
  wrongToken: (needed: string): GraphError => new GraphError([403, 200], `(#200) This call needs ${needed}.`),
  badProof: (): GraphError =>
    new GraphError([400, 100], "Invalid appsecret_proof provided in the API argument", {
      type: "GraphMethodException",
    }),
  nonexistingField: (field: string, nodeType: string): GraphError =>
    new GraphError([400, 100], `(#100) Tried accessing nonexisting field (${field}) on node type (${nodeType})`),
  undeclared: (name: string): GraphError =>
    new GraphError([400, 100], `(#100) Invalid parameter: unexpected key "${name}"`),
  invalid: (name: string, problem: string): GraphError => new GraphError([400, 100], `(#100) Param ${name} ${problem}`),
  missing: (name: string): GraphError => new GraphError([400, 100], `(#100) The parameter ${name} is required.`),
  unknownPath: (path: string): GraphError => new GraphError([400, 2500], `Unknown path components: ${path}`),
  missingNode: (method: string, id: string): GraphError =>
    new GraphError(
      [400, 100],
      `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.`,
      { type: "GraphMethodException", subcode: 33 },
    ),
  notJson: (): GraphError => new GraphError([400, 100], "(#100) The body is not valid JSON."),
  usedCode: (): GraphError => new GraphError([400, 100], "This authorization code has been used.", { subcode: 36009 }),
  expiredCode: (): GraphError => new GraphError([400, 100], "This authorization code has expired.", { subcode: 36007 }),
  refused: (title: string, message: string, subcode?: number): GraphError =>
    new GraphError([400, 100], "Invalid parameter", {
      isTransient: false,
      userTitle: title,
      userMessage: message,
      ...(subcode === undefined ? {} : { subcode }),
    }),
  number: (code: number, message: string, httpStatus = 400): GraphError =>
    new GraphError([httpStatus, code], `(#${code}) ${message}`),
} as const;
