import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { sign } from "jsonwebtoken";

/** Whom the issuer says has signed in next, and what is wrong about its answer, if anything. */
export interface OidcAnswer {
  readonly email: string;
  readonly email_verified: boolean;
  /** Claims of the ID token that differ from what is right. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Sign with a key that is not published. */
  readonly withForeignKey?: boolean;
}

/** A small OpenID Connect issuer on loopback: discovery, keys, code flow with PKCE, one code for one use. */
export interface OidcIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the next sign-in answers. */
  readonly next: (answer: OidcAnswer) => void;
  readonly close: () => Promise<void>;
}

interface Pending {
  readonly answer: OidcAnswer;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

const clientId = "greentick-tests";
const keyId = "issuer-key-1";

const newKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** Starts listening on a free port of 127.0.0.1. */
export async function oidcIssuer(): Promise<OidcIssuer> {
  const [key, foreignKey, clientSecret] = [newKey(), newKey(), randomBytes(24).toString("base64url")];
  const codes = new Map<string, Pending>();
  let next: OidcAnswer = { email: "nobody@issuer.example", email_verified: false };
  let url = "";

  const idToken = ({ answer, nonce }: Pending): string => {
    const now = Math.floor(Date.now() / 1000);
    const { email, email_verified } = answer;
    const right = {
      iss: url,
      aud: clientId,
      sub: `sub-of-${email}`,
      iat: now,
      exp: now + 300,
      nonce,
      email,
      email_verified,
    };
    const signingKey = answer.withForeignKey === true ? foreignKey : key;
    return sign({ ...right, ...answer.claims }, signingKey, { algorithm: "RS256", keyid: keyId });
  };
  const authorize = (query: URLSearchParams, res: ServerResponse): void => {
    const wanted = (name: string): string => query.get(name) ?? "";
    const code = randomBytes(16).toString("base64url");
    if (wanted("client_id") !== clientId || wanted("code_challenge_method") !== "S256") {
      json(res, 400, { error: "invalid_request" });
      return;
    }
    const redirectUri = wanted("redirect_uri");
    codes.set(code, { answer: next, nonce: wanted("nonce"), challenge: wanted("code_challenge"), redirectUri });
    const location = `${redirectUri}?${new URLSearchParams({ code, state: wanted("state") }).toString()}`;
    res.writeHead(302, { location }).end();
  };
  const token = (form: URLSearchParams, authorization: string, res: ServerResponse): void => {
    const code = form.get("code") ?? "";
    const pending = codes.get(code);
    codes.delete(code);
    const basic = `Basic ${Buffer.from(`${clientId}:${encodeURIComponent(clientSecret)}`).toString("base64")}`;
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (authorization !== basic) json(res, 401, { error: "invalid_client" });
    else if (pending?.challenge !== challenge || pending.redirectUri !== form.get("redirect_uri"))
      json(res, 400, { error: "invalid_grant" });
    else json(res, 200, { access_token: "unused", token_type: "Bearer", expires_in: 60, id_token: idToken(pending) });
  };
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const asked = new URL(req.url ?? "/", url);
    if (asked.pathname === "/.well-known/openid-configuration") json(res, 200, discovery(url));
    else if (asked.pathname === "/jwks") json(res, 200, { keys: [publicJwk(key)] });
    else if (asked.pathname === "/authorize") authorize(asked.searchParams, res);
    else if (asked.pathname === "/token")
      token(new URLSearchParams(await textOf(req)), req.headers.authorization ?? "", res);
    else json(res, 404, { error: "not_found" });
  };
  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    clientId,
    clientSecret,
    next: (wanted) => {
      next = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const json = (res: ServerResponse, status: number, body: unknown): void => {
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const discovery = (issuer: string): Record<string, unknown> => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
  code_challenge_methods_supported: ["S256"],
});

const publicJwk = (key: KeyObject): Record<string, unknown> => ({
  ...createPublicKey(key).export({ format: "jwk" }),
  kid: keyId,
  use: "sig",
  alg: "RS256",
});

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
