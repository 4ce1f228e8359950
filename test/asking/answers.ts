/** What came back over HTTP, but for what is another one in every answer: the date, the request's id, what is left of a budget. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const another: ReadonlySet<string> = new Set([
  "date",
  "x-request-id",
  "content-length",
  "etag",
  "keep-alive",
  "ratelimit",
]);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !another.has(name)).sort());
  return { status: response.status, headers, body: parsed(text) };
}

export interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** Asks as a client of today does: with the media type that lets a refusal have a status of its own. */
export const graphql = (url: string, token: string | undefined, { query, variables = {} }: Asked): Promise<Answer> =>
  send(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });

export interface GraphqlBody {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: unknown;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}
