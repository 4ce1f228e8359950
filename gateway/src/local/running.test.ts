import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimFolder } from "./running.js";

describe("the folder of a local platform", () => {
  const folders: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), "greentick-claim-"));
    folders.push(folder);
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  /** What a start left that was killed: its process id is somebody's who lives, and nobody answers there. */
  const left = { pid: 1, startedAt: "2026-11-01T00:00:00.000Z", addresses: { url: "http://127.0.0.1:1", controlUrl: "http://127.0.0.1:1" } }; // prettier-ignore

  it("goes to one of two that find the same remains at once", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "running.json"), JSON.stringify(left));
    const claims = await Promise.allSettled([claimFolder(folder), claimFolder(folder)]);
    expect(claims.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = claims.find((one) => one.status === "rejected");
    expect(String(refused?.reason)).toMatch(/A platform already runs on .*still starting/);
  });

  it("is taken over from remains that cannot even be read, and is free again when it is released", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "running.json"), '{"pid":');
    const claimed = await claimFolder(folder);
    expect(readFileSync(join(folder, "running.json"), "utf8")).toContain(`"pid": ${String(process.pid)}`);
    claimed.release();
    expect(() => readFileSync(join(folder, "running.json"))).toThrow(/ENOENT/);
  });
});
