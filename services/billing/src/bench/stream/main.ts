import { type Month, type TenantId } from "@greentick/kernel";
import { openGround } from "../ground.js";
import { streaming } from "../measures.js";

/** Reads the month of clients entry by entry in a process that does nothing else: `node main.js <store> <database> <month> <client>…`. Prints the figures. */
async function main([uri = "", name = "", month = "", ...clients]: readonly string[]): Promise<void> {
  const ground = await openGround(uri, name);
  const figures = await streaming(ground.ports, clients as TenantId[], month as Month);
  await ground.database.close();
  process.stdout.write(JSON.stringify(figures));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
