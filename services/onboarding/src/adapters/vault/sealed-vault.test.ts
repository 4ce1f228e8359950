import { randomBytes } from "node:crypto";
import { type TenantId } from "@greentick/kernel";
import { connectDatabase, openSecrets } from "@greentick/runtime";
import { testDatabase } from "@greentick/testing";
import { about } from "../../usecases/secrets.js";
import { pinFrom, sealedVault } from "./sealed-vault.js";

describe("the vault", () => {
  const { uri, dbName } = testDatabase("onbvault");
  const tenantId = "ten_01CASA00000000000000000000" as TenantId;
  const pinOf = (id: string): ReturnType<typeof about.pin> => about.pin({ id: id as never, tenantId });

  it("keeps values as text and opens them for the same owner and field only", async () => {
    const database = await connectDatabase(uri, dbName());
    const masterKeys = [{ id: "test", key: randomBytes(32) }];
    const secrets = await openSecrets({ database, masterKeys, now: () => new Date() });
    const vault = sealedVault(secrets.vault);
    const sealed = await vault.seal(pinOf("num_1"), "123456");
    expect(Buffer.from(sealed, "base64").toString("latin1")).not.toContain("123456");
    await expect(vault.open(pinOf("num_1"), sealed)).resolves.toBe("123456");
    await expect(vault.open(pinOf("num_2"), sealed)).rejects.toThrow("The sealed pin of num_2");
    const former = secrets.sealer.seal("num_1/pin", "654321").toString("base64");
    await expect(vault.open(pinOf("num_1"), former as never)).resolves.toBe("654321");
    await database.close();
  });
});

describe("a new PIN", () => {
  it("has six digits, leading zeros included", () => {
    expect(pinFrom(() => Buffer.from([0, 0, 0, 42]))()).toBe("000042");
  });

  it("draws again where the draw would favour some PINs", () => {
    const draws = [Buffer.from([255, 255, 255, 255]), Buffer.from([0, 0, 0, 7])];
    expect(pinFrom(() => draws.shift() ?? Buffer.alloc(4))()).toBe("000007");
  });
});
