import { bootstrap, bootstrapOptions, wordsOf } from "./bootstrap.js";

/** The token alone goes to stdout, so that a shell can take it; everything for people goes to stderr. */
async function main(): Promise<void> {
  const { token, expiresAt, says } = await bootstrap(bootstrapOptions(process.argv.slice(2)), process.env);
  process.stderr.write(`${says} The access token is good until ${expiresAt.toISOString()}:\n`);
  process.stdout.write(`${token}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = 1;
});
