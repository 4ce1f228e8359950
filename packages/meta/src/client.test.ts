import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { metaClient, type MetaClient } from "./client.js";
import { MetaError } from "./errors.js";
import { appSecretProof } from "./signature.js";

interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}
type Answer = { readonly status: number; readonly body: string } | "hang up";

let server: Server;
let seen: Seen[] = [];
let answers: Answer[] = [];
let lines: string[] = [];

const read = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
};

beforeAll(async () => {
  server = createServer((request, response) => {
    void read(request).then((body) => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url: new URL(url, "http://local"), authorization: headers.authorization, body });
      const answer = answers.shift() ?? { status: 200, body: `{"success":true}` };
      if (answer === "hang up") request.socket.destroy();
      else response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  seen = [];
  answers = [];
  lines = [];
});

const client = (): MetaClient => {
  const note = (fields: Record<string, unknown>, message: string): void => {
    lines.push(JSON.stringify({ ...fields, message }));
  };
  return metaClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version: "v26.0",
    appId: "1029384756473829",
    appSecret: "app-secret-of-the-test",
    timeoutMs: 5_000,
    retry: { attempts: 3, startingDelayMs: 1, maxDelayMs: 2 },
    log: { debug: note, warn: note },
  });
};
const token = "EAAtoken-of-the-test";
const failing = async (call: Promise<unknown>): Promise<MetaError> =>
  call.then(
    () => Promise.reject(new Error("should have failed")),
    (error: unknown) => {
      if (!(error instanceof MetaError)) throw error;
      return error;
    },
  );
const refusal = (error: Record<string, unknown>, status = 400): Answer => ({ status, body: JSON.stringify({ error }) });

describe("calling the Graph API", () => {
  it("carries the token in the header, proves the app secret, and logs neither", async () => {
    await client().subscribeApp(token, "318274650192837");
    expect(seen[0]).toMatchObject({ method: "POST", authorization: `Bearer ${token}` });
    expect(seen[0]?.url.pathname).toBe("/v26.0/318274650192837/subscribed_apps");
    expect(seen[0]?.url.searchParams.get("appsecret_proof")).toBe(appSecretProof("app-secret-of-the-test", token));
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/EAA|app-secret|appsecret|318274650192837/);
  });

  it("keeps every digit of an id that Meta writes as a number", async () => {
    answers = [{ status: 200, body: `{"id":90071992547409931,"status":"PENDING","category":"MARKETING"}` }];
    const created = await client().createTemplate(token, {
      wabaId: "1",
      name: "n",
      language: "en",
      category: "UTILITY",
      components: [],
    });
    expect(created).toEqual({
      id: "90071992547409931",
      status: { known: "PENDING", raw: "PENDING" },
      category: { known: "MARKETING", raw: "MARKETING" },
    });
  });

  it("keeps a word it does not know", async () => {
    answers = [{ status: 200, body: `{"id":"7","display_phone_number":"+1","status":"HIBERNATING"}` }];
    expect((await client().getPhoneNumber(token, "7")).status).toEqual({ known: "UNKNOWN", raw: "HIBERNATING" });
  });

  it("reads a list to its last page", async () => {
    const page = (id: string, next: string): Answer => ({
      status: 200,
      body: `{"data":[{"id":"${id}"}],"paging":{${next}}}`,
    });
    answers = [page("1", `"cursors":{"after":"c1"},"next":"https://x.example"`), page("2", `"cursors":{"after":"c2"}`)];
    expect(await client().listPhoneNumbers(token, "5")).toMatchObject([{ id: "1" }, { id: "2" }]);
    expect(seen.map(({ url }) => url.searchParams.get("after"))).toEqual([null, "c1"]);
  });

  it("says a credit line is attached only when both sides name the same credential", async () => {
    const allocation = `{"id":"9","receiving_credential":{"id":"44"}}`;
    answers = [
      { status: 200, body: allocation },
      { status: 200, body: `{"id":"1","name":"W"}` },
    ];
    expect(await client().creditAttached(token, { allocationConfigId: "9", wabaId: "1" })).toBe(false);
  });
});

describe("what the client does when Meta refuses", () => {
  it("repeats a reading call that failed for a moment", async () => {
    answers = [
      refusal({ code: 2, message: "down" }, 500),
      "hang up",
      { status: 200, body: `{"id":"1","name":"Casa Lumen"}` },
    ];
    expect(await client().getWaba(token, "1")).toMatchObject({ name: "Casa Lumen" });
    expect(seen).toHaveLength(3);
  });

  it("gives up after the last attempt", async () => {
    answers = [refusal({ code: 2 }, 500), refusal({ code: 2 }, 500), refusal({ code: 2 }, 500)];
    expect(await failing(client().getWaba(token, "1"))).toMatchObject({
      code: 2,
      retryClass: "transient",
      isTransient: true,
    });
    expect(seen).toHaveLength(3);
  });

  it("does not repeat a call that may have created something, and says so", async () => {
    answers = ["hang up"];
    const error = await failing(
      client().addPhoneNumber(token, { wabaId: "1", cc: "57", number: "6015550147", verifiedName: "Casa Lumen" }),
    );
    expect(error).toMatchObject({ code: null, httpStatus: null, retryClass: "transient", mayHaveHappened: true });
    expect(seen).toHaveLength(1);
  });

  it("does not repeat what must be changed first", async () => {
    answers = [refusal({ code: 100, message: "(#100) Tried accessing nonexisting field (x)" })];
    expect(await failing(client().getWaba(token, "1"))).toMatchObject({ code: 100, retryClass: "config" });
    expect(seen).toHaveLength(1);
  });

  it.each([
    [190, 401, "account"],
    [200, 403, "account"],
    [131049, 400, "refused"],
    [80007, 429, "throttle"],
    [2388024, 400, "config"],
  ] as const)("puts code %s into its class", async (code, status, retryClass) => {
    answers = [refusal({ code }, status)];
    expect(await failing(client().register(token, { phoneNumberId: "7", pin: "123456" }))).toMatchObject({
      retryClass,
    });
  });

  it("carries Meta's words for people apart from the message, which names no token, number or content", async () => {
    answers = [
      refusal({
        message: "(#100) Invalid parameter +573005550123",
        code: 100,
        error_subcode: 2388024,
        error_user_title: "Content in this language already exists",
        error_user_msg: "There is already English content for this template.",
        fbtrace_id: "Az8",
      }),
    ];
    const error = await failing(client().requestCode(token, { phoneNumberId: "7", method: "SMS", language: "en" }));
    expect(error).toMatchObject({
      subcode: 2388024,
      fbtraceId: "Az8",
      userTitle: "Content in this language already exists",
    });
    expect(error.message).toBe(
      "Meta answered HTTP 400 to POST /{phone}/request_code with code 100, subcode 2388024. Change the request before repeating it.",
    );
  });

  it("refuses an answer that is not of the documented shape", async () => {
    answers = [{ status: 200, body: `{"identifier":"1"}` }];
    expect(await failing(client().getWaba(token, "1"))).toMatchObject({ httpStatus: 200, retryClass: "config" });
  });

  it("survives an answer that is no JSON", async () => {
    answers = [
      { status: 502, body: "<html>" },
      { status: 502, body: "<html>" },
      { status: 502, body: "<html>" },
    ];
    expect(await failing(client().getWaba(token, "1"))).toMatchObject({ httpStatus: 502, retryClass: "transient" });
  });
});
