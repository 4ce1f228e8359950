import { createServer } from "node:net";

const uses = ["the gateway", "the local Meta", "the local Stripe", "the control"] as const;

/** The port of each part of a local platform, counted from the gateway's; 0 takes free ones. */
export const portOf = (first: number, use: (typeof uses)[number]): number =>
  first === 0 ? 0 : first + uses.indexOf(use);

/** Looks at all four ports before anything is opened. @throws Error with one sentence naming every one that cannot be had. */
export async function checkPorts(first: number): Promise<void> {
  if (first === 0) return;
  const looks = await Promise.all(uses.map(async (use) => ({ use, code: await look(portOf(first, use)) })));
  const named = (code: string): string[] =>
    looks.filter((one) => one.code === code).map(({ use }) => `${String(portOf(first, use))} (${use})`);
  const taken = named("EADDRINUSE");
  if (taken.length > 0)
    throw new Error(
      `${listed(taken)} taken: stop what uses ${taken.length === 1 ? "it" : "them"}, or choose other ports with --port.`,
    );
  const forbidden = named("EACCES");
  if (forbidden.length > 0)
    throw new Error(`${listed(forbidden)} not for this user to open: choose ports above 1023 with --port.`);
}

const listed = (ports: readonly string[]): string =>
  ports.length === 1
    ? `Port ${ports.join("")} is`
    : `Ports ${ports.slice(0, -1).join(", ")} and ${ports.at(-1) ?? ""} are`;

/** The error's code when nobody can listen there now. */
const look = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
