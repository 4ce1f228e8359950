import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { roles as everyRole } from "@greentick/kernel";
import { until } from "@greentick/testing";
import { buildAll } from "../federation/processes.js";
import { newFolder, removeFolder } from "../journeys/local.js";
import { freePorts } from "../faults/free-ports.js";
import { type Ended, isOpen, npm, npmStart, type Stopped, type Terminal } from "./command.js";
import { type Holdings, holdingsOf, messagesOf, type Place, post, signedByMeta, signedByStripe } from "./holdings.js";
import { findIn, readTable, type StartTable } from "./table.js";

const today = "2026-12-10";
const month = "2026-12";
/** Everybody who can sign in: a service has no person. */
const roles = everyRole.filter((role) => role !== "service");
/** The last row: everything is printed. */
const ready = /^Stop .*\n/m;
const filling = "Filling the fresh store: clients, numbers, templates, some weeks of messages, a closed month …\n";
const stopping = "Stopping …\n";

const oneSentence = /^[^\n]+\.\n$/;

/** Where a table says that everything is. */
const placeIn = (table: StartTable): Place => ({
  graphqlUrl: findIn(table, "GraphQL", /^\S+/),
  metaUrl: findIn(table, "Local Meta", /^\S+/),
  stripeUrl: findIn(table, "Local Stripe", /^\S+/),
  stripeApiKey: findIn(table, "Local Stripe", /key (\S+)/),
  tokens: table.tokens,
});

describe("npm start", () => {
  const base = newFolder("start");
  const dataDir = join(base, "data");
  let port: number;
  let running: Terminal | undefined;
  let kept: Holdings;

  const start = (args: readonly string[] = [], folder = dataDir): Terminal => {
    running = npmStart(["--port", String(port), "--data", folder, ...args]);
    return running;
  };
  /** Every port of a platform, its store's among them. */
  const stillOpen = async (...more: readonly number[]): Promise<readonly number[]> => {
    const ports = [port, port + 1, port + 2, port + 3, ...more];
    const open = await Promise.all(ports.map(isOpen));
    return ports.filter((_port, at) => open[at]);
  };

  beforeAll(async () => {
    buildAll();
    port = await freePorts();
  });
  afterAll(async () => {
    await running?.killAll();
    removeFolder(base);
  });

  describe("stopped with Ctrl-C while it fills a fresh store", () => {
    let stopped: Stopped;
    beforeAll(async () => {
      const terminal = start();
      await terminal.says(/^Filling/m);
      stopped = await terminal.interrupt();
    });

    it("ends with 130, without a table, and leaves nothing running", async () => {
      expect(stopped).toEqual({ code: 130, stdout: "", stderr: `${filling}${stopping}`, leftOver: [] });
      expect(await stillOpen()).toEqual([]);
    });
  });

  describe("the first time that it gets to its table", () => {
    let terminal: Terminal;
    let table: StartTable;
    let place: Place;
    beforeAll(async () => {
      terminal = start(["--today", today]);
      await terminal.says(ready);
      table = readTable(terminal.stdout());
      place = placeIn(table);
    });

    it("says that it begins the broken-off filling again", () => {
      expect(terminal.stderr()).toBe(`An earlier first start was broken off: it is begun again.\n${filling}`);
    });

    it("prints where everything is, and how to stop it", () => {
      const url = `http://127.0.0.1:${String(port)}`;
      expect(table.rows).toMatchObject({
        GraphQL: [`${url}/graphql   with the header Authorization: Bearer <token>`],
        Explorer: [`${url}/explorer`],
        "Meta's webhooks": [`POST ${url}/webhooks/meta`, expect.stringMatching(/^app secret \w{32}$/)],
        "Stripe's webhooks": [`POST ${url}/webhooks/stripe`, expect.stringMatching(/^signing secret whsec_\w{32}$/)],
        "Local Meta": [`http://127.0.0.1:${String(port + 1)}`],
        "Local Stripe": [expect.stringContaining(`http://127.0.0.1:${String(port + 2)} `)],
        "Sandbox clock": [
          expect.stringContaining("stands at 2026-12-10"),
          expect.stringContaining(`:${String(port + 3)}/clock`),
        ],
        Data: [dataDir, expect.stringContaining("data in")],
        Stop: ["Ctrl-C; the data stays. npm start -- --fresh begins again."],
      });
    });

    it.each(roles)("prints a token of a %s, which the GraphQL API takes", async (role) => {
      const answer = await fetch(place.graphqlUrl, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${table.tokens[role] ?? ""}` },
        body: JSON.stringify({ query: "{ templates(first: 1) { nodes { id } } }" }),
      });
      const { errors = [] } = (await answer.json()) as {
        readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
      };
      expect(errors.map(({ extensions }) => extensions.code)).not.toContain("UNAUTHENTICATED");
      expect([answer.status, Object.keys(table.tokens)]).toEqual([200, roles]);
    });

    it("has filled the store once and to the end, in the platform and at both providers", async () => {
      kept = await holdingsOf(place, month);
      const names = (things: readonly { readonly name: string }[]): readonly string[] =>
        things.map(({ name }) => name).toSorted();
      expect(names(kept.tenants)).toEqual(["Andes Salud", "Ferretería Sol", "Greentick Local", "Lumbre Café"]);
      expect(names(kept.templates)).toEqual([
        "aviso_de_pedido",
        "noite_de_casino",
        "novidades_da_semana",
        "pedido_enviado",
      ]);
      expect(kept.signupCases.map(({ status }) => status).toSorted()).toEqual(["LIVE", "LIVE", "OPEN"]);
      expect(kept.invoices.length).toBeGreaterThanOrEqual(2);
      expect(kept.stripeInvoices).toEqual(
        expect.arrayContaining(kept.invoices.map(({ stripeInvoiceId }) => stripeInvoiceId)),
      );
      expect(kept.reconciliations.map(({ unexplained }) => unexplained)).toEqual([0]);
      expect(kept.messages).toBeGreaterThan(0);
    });

    it("answers the explorer page, all of it from this machine", async () => {
      const explorer = findIn(table, "Explorer", /^\S+/);
      const page = await fetch(explorer);
      const html = await page.text();
      const parts = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, href = ""]) => href);
      const answers = await Promise.all(parts.map(async (href) => (await fetch(new URL(href, explorer))).status));
      expect([page.status, parts.length > 4]).toEqual([200, true]);
      expect(html).not.toMatch(/(?:https?:)?\/\/[a-z0-9]/i);
      expect(answers).toEqual(parts.map(() => 200));
    });

    it("acknowledges webhooks that were signed by hand with the printed secrets, and counts what they say", async () => {
      const example = (row: number): string => (table.rows["Post one, signed"]?.[row] ?? "").replace(/^.* -- /, "");
      const [meta, stripe] = [readFileSync(example(0), "utf8"), readFileSync(example(1), "utf8")];
      const appSecret = findIn(table, "Meta's webhooks", /app secret (\S+)/);
      const signingSecret = findIn(table, "Stripe's webhooks", /signing secret (\S+)/);
      const [metaUrl, stripeUrl] = ["Meta's webhooks", "Stripe's webhooks"].map((row) =>
        findIn(table, row, /POST (\S+)/),
      );
      expect(await post(metaUrl ?? "", meta, signedByMeta(appSecret, meta))).toBe(200);
      expect(await post(stripeUrl ?? "", stripe, signedByStripe(signingSecret, stripe))).toBe(200);
      expect(await post(metaUrl ?? "", meta, signedByMeta(`${appSecret}x`, meta))).toBe(401);
      expect(await post(stripeUrl ?? "", stripe, signedByStripe(`${signingSecret}x`, stripe))).toBe(401);
      await until(async () => (await messagesOf(place, month)) > kept.messages);
      kept = { ...kept, messages: kept.messages + 1 };
      expect(await messagesOf(place, month)).toBe(kept.messages);
    });

    it("refuses a second start on its folder in one sentence, and keeps running", async () => {
      const second = await npmStart(["--port", "0", "--data", dataDir]).ended;
      expect(second).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(oneSentence) as string });
      expect(second.stderr).toContain(`A platform already runs on ${dataDir} (process `);
      expect(second.stderr).toContain(
        `http://127.0.0.1:${String(port)}): use it, stop it first, or choose another folder`,
      );
      expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(200);
    });

    it("refuses ports that are taken in one sentence that names each, and makes nothing in the other folder", async () => {
      const other = join(base, "other");
      const second = await npmStart(["--port", String(port + 2), "--data", other]).ended;
      expect(second).toEqual({
        code: 1,
        stdout: "",
        stderr: `Ports ${String(port + 2)} (the gateway) and ${String(port + 3)} (the local Meta) are taken: stop what uses them, or choose other ports with --port.\n`,
      });
      expect(readdirSync(other)).toEqual([]);
    });

    it("stops with Ctrl-C: ends with 0, says nothing but that, and leaves nothing running", async () => {
      const before = terminal.stderr();
      const store = Number(findIn(table, "Data", /on port (\d+)/));
      const stopped = await terminal.interrupt();
      expect(stopped).toMatchObject({ code: 0, stderr: `${before}${stopping}`, leftOver: [] });
      expect(await stillOpen(store)).toEqual([]);
    });
  });

  describe("started again", () => {
    let terminal: Terminal;
    beforeAll(async () => {
      terminal = start(["--json", "--no-seed"]);
      await terminal.says(/^\{.*\}\n$/);
    });

    it("with --json prints exactly one object, with all that the table says", () => {
      expect(JSON.parse(terminal.stdout())).toMatchObject({
        graphqlUrl: `http://127.0.0.1:${String(port)}/graphql`,
        tokens: Object.fromEntries(roles.map((role) => [role, expect.any(String) as unknown])),
        dataDir,
      });
    });

    it("says that a store is filled once, when it is asked for another filling", () => {
      expect(terminal.stderr()).toBe("The store is filled already, so --no-seed has no effect without --fresh.\n");
    });

    it("finds everything as it was, in the platform and at both providers", async () => {
      expect(await holdingsOf(JSON.parse(terminal.stdout()) as Place, month)).toEqual(kept);
    });
  });

  describe("started again after npm, the platform and its store were killed with kill -9", () => {
    let terminal: Terminal;
    beforeAll(async () => {
      await running?.killAll();
      terminal = start();
      await terminal.says(ready);
    });

    it("finds everything as it was", async () => {
      expect(await holdingsOf(placeIn(readTable(terminal.stdout())), month)).toEqual(kept);
    });

    it("stops when npm alone is asked to with SIGTERM: ends with 0 and leaves nothing running", async () => {
      const store = Number(findIn(readTable(terminal.stdout()), "Data", /on port (\d+)/));
      expect(await terminal.terminate()).toMatchObject({ code: 0, stderr: stopping, leftOver: [] });
      expect(await stillOpen(store)).toEqual([]);
    });
  });

  describe("on a folder whose store is damaged", () => {
    const damaged = join(base, "damaged");
    let refused: Ended;
    let before: readonly string[];
    beforeAll(async () => {
      cpSync(dataDir, damaged, { recursive: true });
      before = readdirSync(damaged, { recursive: true, encoding: "utf8" });
      const turtle = before.find((name) => name.endsWith("WiredTiger.turtle")) ?? "";
      writeFileSync(join(damaged, turtle), "damaged");
      refused = await npmStart(["--port", "0", "--data", damaged]).ended;
    });

    it("says so in one sentence that names --fresh, and removes nothing", () => {
      expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(oneSentence) as string });
      expect(refused.stderr).toMatch(/damaged.*--fresh/);
      expect(readdirSync(damaged, { recursive: true, encoding: "utf8" })).toEqual(expect.arrayContaining([...before]));
    });

    it("begins again with --fresh, with other ids and, with --no-seed, nobody but the provider", async () => {
      const terminal = start(["--fresh", "--no-seed"], damaged);
      await terminal.says(ready);
      const table = readTable(terminal.stdout());
      const now = await holdingsOf(placeIn(table), month);
      expect(now.tenants.map(({ name }) => name)).toEqual(["Greentick Local"]);
      expect(kept.tenants).not.toContainEqual(now.tenants[0]);
      expect(Object.values(kept.people)).not.toContain(now.people["platform_admin"]);
      expect([now.signupCases, now.templates, now.invoices, now.stripeInvoices, now.messages]).toEqual([
        [],
        [],
        [],
        [],
        0,
      ]);
      expect(findIn(table, "Sandbox clock", /^.*;/)).toBe("follows the system;");
      expect(await terminal.interrupt()).toMatchObject({ code: 0, stderr: stopping, leftOver: [] });
    });
  });

  describe("that cannot be", () => {
    const file = join(base, "file");
    const locked = join(base, "locked");
    const foreign = join(base, "foreign");
    const empty = join(base, "empty");
    const tools = join(base, "tools");
    const refusals: Readonly<
      Record<
        string,
        { readonly folder: string; readonly env?: Record<string, string>; readonly words: string | RegExp }
      >
    > = {
      "a file in the place of its folder": {
        folder: file,
        words: `The data folder ${file} cannot be used because a file is in its place`,
      },
      "damaged secrets": {
        folder: locked,
        words: /secrets\.json is damaged.*bring the file back.*begin again with --fresh/,
      },
      "a folder with somebody's files": {
        folder: foreign,
        words: `${foreign} holds files that are not a platform's data (thesis.txt)`,
      },
      "no mongod where STORE asks for one": {
        folder: empty,
        env: { STORE: "mongod", PATH: tools },
        words: "STORE=mongod needs a mongod",
      },
      "no MONGODB_URI where STORE asks for it": {
        folder: join(base, "empty too"),
        env: { STORE: "uri" },
        words: "STORE=uri needs MONGODB_URI, which is not set.",
      },
      "a MongoDB that does not answer": {
        folder: join(base, "and empty"),
        env: { MONGODB_URI: "mongodb://somebody:secret@127.0.0.1:1/" },
        words: "MongoDB at 127.0.0.1:1 (MONGODB_URI) cannot be reached",
      },
    };
    const refused = new Map<string, Ended>();

    beforeAll(async () => {
      writeFileSync(file, "mine");
      for (const folder of [locked, foreign, tools]) mkdirSync(folder);
      writeFileSync(join(locked, "secrets.json"), '{"masterKey":');
      writeFileSync(join(foreign, "thesis.txt"), "mine");
      for (const tool of ["node", "npm", "sh"]) symlinkSync(found(tool), join(tools, tool));
      const tried = Object.entries(refusals).map(async ([what, { folder, env }]) => {
        refused.set(what, await npmStart(["--port", "0", "--data", folder], env).ended);
      });
      await Promise.all(tried);
    });

    it.each(Object.entries(refusals))("says in one sentence what is wrong: %s", (what, { words }) => {
      expect(refused.get(what)).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(oneSentence) as string });
      expect(refused.get(what)?.stderr).toMatch(words);
      expect(refused.get(what)?.stderr).not.toContain("secret@");
    });

    it("leaves alone what is not a platform's", () => {
      expect([file, join(foreign, "thesis.txt")].map((path) => readFileSync(path, "utf8"))).toEqual(["mine", "mine"]);
      expect([readdirSync(foreign), readdirSync(locked)]).toEqual([["thesis.txt"], ["secrets.json"]]);
    });

    it("ends with 2 and names everything at once that is wrong with options and environment", async () => {
      const env = { PORT: "abc", LOG_LEVEL: "loud", STORE: "disk", MONGODB_URI: "here" };
      const ended = await npmStart(["--port", "many", "--data", "", "--today", "soon", "--quick"], env).ended;
      expect([ended.code, ended.stdout]).toEqual([2, ""]);
      const [first, ...problems] = ended.stderr.trim().split("\n");
      expect(first).toBe("The configuration has 8 problems:");
      expect(problems.map((line) => /^ {2}(.+?):/.exec(line)?.[1])).toEqual([
        "command line",
        "--port",
        "--data",
        "--today",
        "PORT",
        "LOG_LEVEL",
        "MONGODB_URI",
        "STORE",
      ]);
    });

    it("says what to write when npm took an option for itself", async () => {
      const ended = await npm(["start", "--fresh"]).ended;
      expect([ended.code, ended.stdout]).toEqual([2, ""]);
      expect(ended.stderr).toContain("npm took --fresh for itself");
      expect(ended.stderr).toContain("npm start -- --fresh");
    });
  });
});

/** Where the shell finds a tool. */
function found(tool: string): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const folder = folders.find((one) => existsSync(join(one, tool)));
  return join(folder ?? "/bin", tool);
}
