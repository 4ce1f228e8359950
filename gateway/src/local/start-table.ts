import { join, relative } from "node:path";
import Table from "cli-table3";
import { utcMonth, utcMonthOf } from "@greentick/kernel";
import { examplePath } from "./examples.js";
import { folderEntries } from "./data-folder.js";
import { type LocalPlatform } from "./local-platform.js";
import { type SignedIn } from "./token-files.js";
import { type WaitingWork } from "./waiting.js";

/** What a start tells: the JSON object of `--json`, and the table. */
export interface StartFacts {
  readonly url: string;
  readonly graphqlUrl: string;
  readonly explorerUrl: string;
  /** The page on which people sign in with a password. */
  readonly signInUrl: string;
  /** Where messages to people are written. */
  readonly mailDir: string;
  readonly webhookUrls: { readonly meta: string; readonly stripe: string };
  readonly appSecret: string;
  readonly stripeWebhookSecret: string;
  readonly metaUrl: string;
  readonly stripeUrl: string;
  readonly stripeApiKey: string;
  readonly controlUrl: string;
  /** Business time of the sandbox, and whether it stands still. */
  readonly clock: { readonly now: string; readonly standsStill: boolean };
  readonly dataDir: string;
  readonly store: string;
  readonly storeUri: string;
  /** Access tokens by role. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly people: readonly SignedIn[];
  readonly clients: readonly { readonly name: string; readonly tenantId: string }[];
  readonly waiting: WaitingWork;
}

type Collected = Pick<StartFacts, "dataDir" | "people" | "clients" | "waiting">;

export function startFacts(local: LocalPlatform, { dataDir, people, clients, waiting }: Collected): StartFacts {
  const { clocks } = local.platform;
  return {
    url: local.url,
    graphqlUrl: local.target.graphqlUrl,
    explorerUrl: `${local.url}/explorer`,
    signInUrl: `${local.url}/sign-in`,
    mailDir: join(dataDir, folderEntries.mail),
    webhookUrls: { meta: `${local.url}/webhooks/meta`, stripe: `${local.url}/webhooks/stripe` },
    appSecret: local.secrets.metaAppSecret,
    stripeWebhookSecret: local.stripeWebhookSecret,
    metaUrl: local.meta.url,
    stripeUrl: local.stripe.url,
    stripeApiKey: local.secrets.stripeApiKey,
    controlUrl: local.controlUrl,
    clock: {
      now: clocks.business(false)().toISOString(),
      standsStill: clocks.sandboxSetTo() !== undefined,
    },
    dataDir,
    store: local.store.describe,
    storeUri: local.store.uri,
    tokens: Object.fromEntries(people.map(({ role, token }) => [role, token])),
    people,
    clients,
    waiting,
  };
}

/** What a person needs after the start. Tokens stand alone on their lines, to be taken with a double click; no other line is longer than 100. */
export function startTable(facts: StartFacts, readySeconds: number): string {
  const people = facts.people.map(
    ({ role, name, client, token }) => `${role} (${[name, client].filter(Boolean).join(", ")})\n${token}`,
  );
  return [
    `\nSign-in tokens, good for 24 hours:\n\n${people.join("\n")}`,
    `Greentick is running (ready in ${readySeconds.toFixed(1)} s).`,
    `${tableOf(rowsOf(facts))}\n`,
  ].join("\n\n");
}

type Row = readonly [label: string, ...lines: string[]];

function rowsOf(facts: StartFacts): readonly Row[] {
  const folder = relative(process.cwd(), facts.dataDir) || ".";
  const data = folder.startsWith("..") ? facts.dataDir : folder;
  return [
    ["GraphQL", `${facts.graphqlUrl}   with the header Authorization: Bearer <token>`],
    ["Explorer", facts.explorerUrl],
    ["Sign in", facts.signInUrl],
    ["Mail", `${data}/${folderEntries.mail}   invitations and links for new passwords, one file each`],
    ["Tokens", `${data}/tokens/<role>, one file each: $(cat ${data}/tokens/owner)`],
    ["Health", `${facts.url}/healthz   /readyz   /metrics`],
    ["Meta's webhooks", `POST ${facts.webhookUrls.meta}`, `app secret ${facts.appSecret}`],
    ["Stripe's webhooks", `POST ${facts.webhookUrls.stripe}`, `signing secret ${facts.stripeWebhookSecret}`],
    ...postRows(data, facts),
    ["Local Meta", facts.metaUrl],
    ["Local Stripe", `${facts.stripeUrl}   key ${facts.stripeApiKey}`],
    ["Sandbox clock", ...clockLines(facts)],
    ...waitingRows(facts.waiting),
    ["Data", data, facts.store],
    ["Stop", "Ctrl-C; the data stays. npm start -- --fresh begins again."],
  ];
}

const postRows = (data: string, { clients }: StartFacts): readonly Row[] =>
  clients.length === 0
    ? []
    : [
        [
          "Post one, signed",
          `npm run webhook -- ${examplePath(data, "meta")}`,
          `npm run webhook -- ${examplePath(data, "stripe")}`,
        ],
      ];

/** The example goes to where this month is closed. */
function clockLines({ clock, controlUrl }: StartFacts): readonly string[] {
  const now = new Date(clock.now);
  const closing = new Date(utcMonth(utcMonthOf(now)).end);
  closing.setUTCDate(5);
  return [
    `${clock.standsStill ? `stands at ${clock.now}` : "follows the system"}; forward with`,
    `curl -X POST ${controlUrl}/clock -d '{"now":"${closing.toISOString().slice(0, 19)}Z"}'`,
  ];
}

function waitingRows({ templates, codes }: WaitingWork): readonly Row[] {
  const reviews = templates.map((name) => `template ${name}: a decision by the template_reviewer`);
  const signups = codes.flatMap(({ displayName, codeUrl }) => [
    `number of ${displayName}: the code that Meta sent it, which is at`,
    `curl ${codeUrl}`,
  ]);
  const lines = [...reviews, ...signups];
  return lines.length === 0 ? [] : [["Waiting", ...lines]];
}

const invisible = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};
const plain = { head: [], border: [], "padding-left": 0, "padding-right": 0 };

function tableOf(rows: readonly Row[]): string {
  const table = new Table({ chars: invisible, style: plain });
  table.push(...rows.map(([label, ...lines]) => [label, lines.join("\n")]));
  return table.toString().replace(/ +$/gm, "");
}
