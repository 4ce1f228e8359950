import { setTimeout as pause } from "node:timers/promises";
import { ask } from "@greentick/gateway";
import { graphql, type GraphqlBody } from "../asking/answers.js";
import { neverLike } from "./ids.js";
import { type PeopleMade } from "./recipes/people-made.js";
import { type Difference } from "./subject.js";
import { type World } from "./world/world.js";

interface Parts {
  readonly world: World;
  readonly people: PeopleMade;
}

const refreshing = `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { signedIn { accessToken refreshToken } } }`;
const removing = `mutation Remove($input: PersonIdInput!) { removeFromTenant(input: $input) { person { personId } } }`;
const changing = `mutation Change($input: ChangeRolesInput!) { changeRoles(input: $input) { person { personId } } }`;
const asMember = `query Member($id: ID!) { me { tenant { id } } tenant(id: $id) { id name } }`;
const asDeveloper = `query Developer { apiKeys(first: 1) { totalCount } }`;

interface Refreshed {
  readonly refreshSession: { readonly signedIn: { readonly accessToken: string; readonly refreshToken: string } };
}

/** What tokens of sessions are worth when they were used, belong to somebody else, or outlived what their holder may do. */
export async function attemptSessions({ world, people }: Parts): Promise<Found> {
  const { target } = world.local;
  const found: Difference[] = [];
  let attempts = 0;
  const tell = (at: string, words: string): void => {
    found.push({ kind: "token", at, caller: "ours", found: words.slice(0, 600) });
  };
  const send = async (token: string | undefined, query: string, variables = {}): Promise<Told> => {
    attempts += 1;
    const { status, body } = await graphql(target.graphqlUrl, token, { query, variables });
    return { text: `${String(status)} ${JSON.stringify(body)}`, body: body as GraphqlBody };
  };
  const refresh = (refreshToken: string, token?: string): Promise<Told> =>
    send(token, refreshing, { input: { refreshToken } });
  const alike = (at: string, one: Told, other: Told): void => {
    if (one.text !== other.text) tell(at, `${one.text} instead of ${other.text}`);
  };
  const refused = (at: string, told: Told): void => {
    if (!isRefused(told)) tell(at, `was answered ${told.text}`);
  };
  const everyone = { send, refresh, alike, refused, tell };
  await replayOurs(people, everyone);
  await presentTheirs(world, people, everyone);
  await outlive(world, people, everyone);
  return { attempts, differences: found };
}

interface Found {
  readonly attempts: number;
  readonly differences: readonly Difference[];
}
interface Told {
  readonly text: string;
  readonly body: GraphqlBody;
}
interface Asking {
  readonly send: (token: string | undefined, query: string, variables?: object) => Promise<Told>;
  readonly refresh: (refreshToken: string, token?: string) => Promise<Told>;
  readonly alike: (at: string, one: Told, other: Told) => void;
  readonly refused: (at: string, told: Told) => void;
  readonly tell: (at: string, words: string) => void;
}

const isRefused = ({ body }: Told): boolean =>
  ["UNAUTHENTICATED", "FORBIDDEN"].includes(String(body.errors?.[0]?.extensions?.["code"]));
const given = ({ body }: Told): Refreshed["refreshSession"]["signedIn"] | undefined =>
  (body.data as Refreshed | null | undefined)?.refreshSession.signedIn;

/** A refresh token works once; shown again it is worth what an unknown one is, and takes its whole session with it. */
async function replayOurs(people: PeopleMade, { send, refresh, alike, refused, tell }: Asking): Promise<void> {
  const { refreshToken } = await people.entered("ours");
  const next = given(await refresh(refreshToken));
  if (next === undefined) {
    tell("a refresh token", "is refused to its holder");
    return;
  }
  const unknown = await refresh(neverLike(refreshToken));
  alike("a refresh token that was used", await refresh(refreshToken), unknown);
  alike("the refresh token after one that was used twice", await refresh(next.refreshToken), unknown);
  refused("the access token after a refresh token that was used twice", await send(next.accessToken, asDeveloper));
}

/** A refresh token of theirs in our hands is told from an unknown one by nobody who is somebody else, and is not used up by trying. */
async function presentTheirs({ ours }: World, people: PeopleMade, { refresh, alike, tell }: Asking): Promise<void> {
  const { refreshToken } = await people.entered("theirs");
  for (const caller of ["owner", "reseller", "api_key"] as const) {
    const at = `a refresh token of theirs, shown by our ${caller}`;
    const token = ours.tokens[caller];
    alike(at, await refresh(refreshToken, token), await refresh(neverLike(refreshToken), token));
  }
  if (given(await refresh(refreshToken)) === undefined) tell("a refresh token of theirs", "was used up by our trying");
  alike("a refresh token of theirs that was used", await refresh(refreshToken), await refresh(neverLike(refreshToken)));
}

/** Access tokens that still run when their holder was removed, or lost a role. */
async function outlive({ local, ours, theirs }: World, people: PeopleMade, asking: Asking): Promise<void> {
  const { send, refused, alike, tell } = asking;
  const change = (document: string, input: object): Promise<unknown> =>
    ask(local.target, ours.tokens.owner, document, { input });
  const cases = [
    { what: "removed", end: (personId: string) => change(removing, { personId }) },
    { what: "without the role", end: (personId: string) => change(changing, { personId, roles: ["BILLING_VIEWER"] }) },
  ];
  for (const { what, end } of cases) {
    const who = await people.joined("ours");
    const used = await people.enter("ours", who);
    const fresh = await people.enter("ours", who);
    if (isRefused(await send(used.accessToken, asDeveloper))) tell(what, "is refused before");
    await end(who.personId);
    refused(`a token of somebody ${what}, not used before`, await send(fresh.accessToken, asDeveloper));
    refused(`a token of somebody ${what}`, await untilRefused(() => send(used.accessToken, asDeveloper)));
    const about = async (id: string): Promise<Told> => {
      const told = await send(used.accessToken, asMember, { id });
      return { ...told, text: told.text.replaceAll(id, "<asked>") };
    };
    alike(
      `a tenant of theirs, asked for by somebody ${what}`,
      await about(theirs.tenantId),
      await about(neverLike(theirs.tenantId)),
    );
  }
}

const mostLooks = 1_000;
const lookEveryMs = 20;

/** What the gateway knows of a credential it may use a little longer: asks until it does not. */
async function untilRefused(send: () => Promise<Told>): Promise<Told> {
  let told = await send();
  for (let look = 1; look < mostLooks && !isRefused(told); look++) {
    await pause(lookEveryMs);
    told = await send();
  }
  return told;
}
