import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log } from "@greentick/kernel";
import { loadConfig } from "@greentick/runtime";
import { TenantConfig } from "../../config.js";
import { mailer } from "./mailer.js";

const from = "Greentick <no-reply@bsp.example>";
const message = {
  to: "olga@casa.example",
  subject: "Únete a Casa Lumen",
  text: "Here:\n\nhttps://console.example/accept-invitation#token=canary-in-a-link",
  messageId: "ivt_1.1",
};

/** What would be logged. */
function listening(): { readonly log: Log; readonly lines: unknown[] } {
  const lines: unknown[] = [];
  const line = (...said: unknown[]): void => {
    lines.push(said);
  };
  const log: Log = { debug: line, info: line, warn: line, error: line, child: () => log };
  return { log, lines };
}

/** As much of a mail server as one message needs. */
function mailServer(
  toRecipient = "250 fine",
): Promise<{ readonly server: Server; readonly url: string; readonly got: string[] }> {
  const got: string[] = [];
  const server = createServer((socket) => {
    let inData = false;
    socket.write("220 test\r\n");
    socket.on("data", (bytes) => {
      const text = bytes.toString();
      got.push(text);
      if (inData) {
        if (text.endsWith("\r\n.\r\n")) {
          inData = false;
          socket.write("250 kept\r\n");
        }
        return;
      }
      inData = text.startsWith("DATA");
      const reply = text.startsWith("RCPT") ? toRecipient : "250 fine";
      socket.write(inData ? "354 go on\r\n" : `${reply}\r\n`);
    });
    socket.on("error", () => undefined);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({ server, got, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` });
    });
  });
}

describe("mail", () => {
  it("goes through a mail server, and the log learns nothing of what stands in it", async () => {
    const { server, url, got } = await mailServer();
    const { log, lines } = listening();
    await mailer({ target: { kind: "smtp", url }, from }, log).send(message);
    server.close();
    expect(got.join("")).toContain("canary-in-a-link");
    expect(got.join("")).toContain("Message-ID: <ivt_1.1@bsp.example>");
    expect(JSON.stringify(lines)).not.toMatch(/canary|olga/);
    expect(lines).toHaveLength(1);
  });

  it("is tried again later when the server does not answer", async () => {
    const { server, url } = await mailServer();
    await new Promise((resolve) => server.close(resolve));
    const sending = mailer({ target: { kind: "smtp", url }, from }, listening().log).send(message);
    await expect(sending).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE", reason: "mail_unavailable" });
  });

  it("is told apart: refused for good, which patience does not mend, and refused for now, as by a server that is away", async () => {
    for (const [reply, reason] of [
      ["550 no such user", "mail_refused"],
      ["451 try later", "mail_unavailable"],
    ] as const) {
      const { server, url } = await mailServer(reply);
      const sending = mailer({ target: { kind: "smtp", url }, from }, listening().log).send(message);
      await expect(sending).rejects.toMatchObject({ reason });
      server.close();
    }
  });

  it("becomes files that only their owner reads, one a message, in development", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greentick-mail-"));
    const path = join(folder, "new");
    const { log, lines } = listening();
    const { send } = mailer({ target: { kind: "folder", path }, from }, log);
    await send(message);
    await send(message);
    const files = readdirSync(path);
    expect(files).toEqual(["ivt_1.1.eml"]);
    expect(readFileSync(join(path, "ivt_1.1.eml"), "utf8")).toContain("To: olga@casa.example");
    expect(statSync(join(path, "ivt_1.1.eml")).mode & 0o077).toBe(0);
    expect(JSON.stringify(lines)).not.toMatch(/canary|olga/);
    writeFileSync(join(folder, "file"), "");
    const blocked = mailer({ target: { kind: "folder", path: join(folder, "file", "deep") }, from }, log);
    await expect(blocked.send(message)).rejects.toMatchObject({ reason: "mail_unavailable" });
    rmSync(folder, { recursive: true });
  });
});

describe("the configuration of people", () => {
  const problem = (env: Record<string, string>): string => {
    try {
      loadConfig(TenantConfig, env);
      return "";
    } catch (error) {
      return String(error);
    }
  };
  it("knows mail servers and folders by their address, and stops at anything else", () => {
    expect(loadConfig(TenantConfig, { MAIL_URL: "smtps://u:p@mail.example" }).people.mail.target).toEqual({
      kind: "smtp",
      url: "smtps://u:p@mail.example",
    });
    expect(loadConfig(TenantConfig, { MAIL_URL: "file:///var/mail" }).people.mail.target).toEqual({
      kind: "folder",
      path: "/var/mail",
    });
    expect(loadConfig(TenantConfig, { MAIL_URL: "file:data/mail" }).people.mail.target).toEqual({
      kind: "folder",
      path: "data/mail",
    });
    expect(problem({ MAIL_URL: "pigeon://loft" })).toContain("MAIL_URL: must be smtp://");
    expect(problem({ NODE_ENV: "production" })).toContain("MAIL_URL: is needed in production");
    expect(problem({ MAIL_FROM: "a@b.example\r\nBcc: c@d.example" })).toContain("MAIL_FROM");
  });

  it("takes an identity provider whole or not at all, and access tokens of five to fifteen minutes", () => {
    expect(problem({ OIDC_ISSUER: "https://id.example" })).toMatch(
      /OIDC_CLIENT_ID: is needed[\s\S]*OIDC_REDIRECT_URL: is needed/,
    );
    expect(problem({ ACCESS_TOKEN_SECONDS: "60" })).toContain("ACCESS_TOKEN_SECONDS");
    expect(problem({ STAFF_SECOND_FACTOR: "maybe" })).toContain("STAFF_SECOND_FACTOR");
    expect(loadConfig(TenantConfig, {}).people.rules).toMatchObject({
      staffSecondFactor: "required",
      tokenTtlSeconds: 600,
    });
  });
});
