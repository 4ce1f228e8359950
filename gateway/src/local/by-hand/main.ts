import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Command, Option } from "commander";
import { codeOf, defaultFolder } from "../data-folder.js";
import { localStripeWebhookSecret } from "../environment.js";
import { findRunning } from "../running.js";
import { readSecrets } from "../secrets.js";
import { commandFor, type Provider, providerOf, signed, type SignedPost } from "./signed-post.js";

interface Flags {
  readonly data: string;
  readonly as?: Provider;
  readonly show?: true;
}

const command = new Command("npm run webhook --")
  .description(
    "Signs a file as Meta or Stripe would and posts it to the platform that npm start runs. Every byte is sent as it is.",
  )
  .argument("<file>", "the body, e.g. .greentick/examples/delivered.json")
  .option("--data <folder>", "where that platform's data lies", defaultFolder)
  .addOption(
    new Option("--as <provider>", "who posts it (default: what the body looks like)").choices(["meta", "stripe"]),
  )
  .option("--show", "print the command that does the same with openssl and curl, and post nothing");

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

async function prepared(file: string, { data, as }: Flags): Promise<SignedPost> {
  const body = bytesOf(file);
  const provider = as ?? providerOf(body);
  if (provider === undefined)
    throw new Error(
      `${file} looks neither like Meta's nor like Stripe's: say whose it is with --as meta or --as stripe.`,
    );
  const folder = resolve(data);
  const running = await findRunning(folder);
  if (running === undefined)
    throw new Error(`No platform runs on ${data}: start one with npm start, or name its folder with --data.`);
  const secrets = readSecrets(folder);
  const secret = provider === "meta" ? secrets.metaAppSecret : localStripeWebhookSecret(secrets);
  return signed({ provider, body, secret, url: `${running.url}/webhooks/${provider}`, now: new Date() });
}

async function main(): Promise<number> {
  const file = command.parse().args[0] ?? "";
  const flags = command.opts<Flags>();
  const post = await prepared(file, flags);
  if (flags.show === true) {
    process.stdout.write(`${commandFor(post, relative(process.cwd(), resolve(file)))}\n`);
    return 0;
  }
  const answer = await fetch(post.url, { method: "POST", headers: post.headers, body: new Uint8Array(post.body) });
  const text = (await answer.text()).trim();
  process.stdout.write(`${String(answer.status)} from ${post.url}${text === "" ? "" : `: ${text}`}\n`);
  return answer.ok ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
