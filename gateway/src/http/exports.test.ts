import { type ExportAnswer, type ExportQuestion } from "@greentick/contracts";
import { visitorClaims } from "@greentick/graphql";
import { type Call, type Permission, type TenantId } from "@greentick/kernel";
import { type HttpHost, replyError, silentLog, startHttpHost } from "@greentick/runtime";
import { exportRoutes } from "./exports.js";

const tenantId = "ten_01CASA00000000000000000000" as TenantId;
const callWith = (...permissions: Permission[]): Call =>
  ({
    actor: { kind: "member", id: "per_1" },
    tenantId,
    ancestorIds: [],
    livemode: false,
    permissions: new Set(permissions),
  }) as unknown as Call;

describe("a month of the ledger as a file", () => {
  let caller: Call | object;
  let answers: (ExportAnswer | Error)[];
  let asked: ExportQuestion[];
  let host: HttpHost;
  beforeEach(async () => {
    caller = callWith("billing:read");
    [answers, asked] = [[], []];
    const routes = exportRoutes({
      identify: () => Promise.resolve(caller as Call),
      ask: (question) => {
        asked.push(question);
        const next = answers.shift() ?? new Error("asked once too often");
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      log: silentLog,
    });
    const rest = (_: unknown, res: Parameters<typeof replyError>[0]): void => {
      replyError(res, 404, "NOT_FOUND", "nothing here");
    };
    host = await startHttpHost({ host: "127.0.0.1", port: 0, routes, rest, log: silentLog });
  });
  afterEach(() => host.close());
  const get = (path: string, method = "GET"): Promise<Response> => fetch(host.url + path, { method });

  it("sends part after part, each asked for behind the last, and says what the file is called", async () => {
    answers = [
      { ok: true, text: "id\r\n1\r\n", next: "led_1" },
      { ok: true, text: "2\r\n", next: "led_2" },
      { ok: true, text: "3\r\n" },
    ];
    const response = await get("/billing/entries?month=2026-11");
    expect(await response.text()).toBe("id\r\n1\r\n2\r\n3\r\n");
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="entries-2026-11.csv"');
    expect(asked.map(({ after }) => after)).toEqual([undefined, "led_1", "led_2"]);
    expect(asked[0]).toEqual({
      tenantId,
      ancestorIds: [],
      permissions: ["billing:read"],
      what: "entries",
      format: "csv",
      month: "2026-11",
    });
  });

  it("asks for nothing more than the headers when only those are wanted", async () => {
    answers = [{ ok: true, text: "{}", next: "led_1" }];
    const response = await get("/billing/statement?month=2026-11&format=json", "HEAD");
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(asked).toHaveLength(1);
  });

  it("is for whoever may read billing, and nobody else", async () => {
    caller = callWith("event:read");
    expect((await get("/billing/statement?month=2026-11")).status).toBe(403);
    caller = { ...callWith(), ...visitorClaims };
    expect([401, 403]).toContain((await get("/billing/statement?month=2026-11")).status);
    expect(asked).toEqual([]);
  });

  it("answers 400 for a format or a month that is none", async () => {
    expect((await get("/billing/statement?month=2026-11&format=pdf")).status).toBe(400);
    answers = [{ ok: false, code: "BAD_USER_INPUT", reason: "bad_input", message: "month: is no month" }];
    const response = await get("/billing/statement?month=november");
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: "BAD_USER_INPUT" } }]);
  });

  it("breaks the connection off when a part fails, so that half a file is not taken for a whole one", async () => {
    answers = [{ ok: true, text: "id\r\n1\r\n", next: "led_1" }, new Error("the store is away")];
    const broken = await get("/billing/entries?month=2026-11")
      .then((response) => response.text())
      .then(
        () => "whole",
        () => "broken",
      );
    expect(broken).toBe("broken");
  });
});
