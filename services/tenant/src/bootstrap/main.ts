import { bootstrap, bootstrapOptions, wordsOf } from "./bootstrap.js";

/** Tokens alone go to stdout, one a line, so that a shell can take them; everything for people goes to stderr. */
async function main(): Promise<void> {
  const { people } = await bootstrap(bootstrapOptions(process.argv.slice(2)), process.env);
  for (const { token, expiresAt, says } of people) {
    process.stderr.write(`${says} The access token is good until ${expiresAt.toISOString()}:\n`);
    process.stdout.write(`${token}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = 1;
});
