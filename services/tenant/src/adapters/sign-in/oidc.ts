import { createHash } from "node:crypto";
import { AppError } from "@greentick/kernel";
import { type Client, errors, Issuer } from "openid-client";
import { peopleErrors } from "../../domain/people-errors.js";
import { type IdentityProvider, type OidcSettings } from "../../ports/people.js";

const clockToleranceSeconds = 30;

/** Any OpenID Connect issuer, through openid-client: discovery, code flow, PKCE, and every check of the ID token. */
export function oidcProvider(settings: OidcSettings): IdentityProvider {
  const client = discovered(settings);
  return {
    authorizationUrl: async ({ state, nonce, verifier }) =>
      (await client()).authorizationUrl({
        scope: "openid email",
        response_type: "code",
        code_challenge_method: "S256",
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        state,
        nonce,
      }),
    verifiedEmail: async ({ url, state, nonce, verifier }) => {
      const known = await client();
      const checks = { state, nonce, code_verifier: verifier, response_type: "code" };
      const tokens = await known
        .callback(settings.redirectUrl, known.callbackParams(url), checks)
        .catch((error: unknown) => {
          throw isRefusal(error) ? peopleErrors.linkNotGood() : unavailable(error);
        });
      const { email, email_verified: isVerified } = tokens.claims();
      return isVerified === true ? email?.trim().toLowerCase() : undefined;
    },
  };
}

const isRefusal = (error: unknown): boolean => error instanceof errors.RPError || error instanceof errors.OPError;

/** Asked when first needed and again after a failure: an issuer that is away does not keep us from starting. */
function discovered({ issuer, clientId, clientSecret, redirectUrl }: OidcSettings): () => Promise<Client> {
  let known: Promise<Client> | undefined;
  const discover = async (): Promise<Client> => {
    const found = await Issuer.discover(issuer).catch((error: unknown) => {
      throw unavailable(error);
    });
    const client = new found.Client({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUrl],
      response_types: ["code"],
    });
    Object.assign(client, { clockTolerance: clockToleranceSeconds });
    return client;
  };
  return () =>
    (known ??= discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    }));
}

const unavailable = (cause: unknown): AppError =>
  new AppError(
    "PROVIDER_UNAVAILABLE",
    "identity_provider_unavailable",
    "The identity provider does not answer at the moment. Try again, or sign in with your password.",
    {},
    { cause },
  );
