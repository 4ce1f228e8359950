import { allow, permissions, permissionsOf, permissionTable, type Role, roles, staffRoles } from "./permissions.js";

const members = roles.filter((role) => !staffRoles.includes(role) && role !== "service");

describe("permissions", () => {
  it("are words of the form room:verb", () => {
    for (const word of permissions) expect(word).toMatch(/^[a-z]+:[a-z-]+$/);
  });

  it("name only roles that exist", () => {
    expect(roles).toEqual(expect.arrayContaining([...new Set(Object.values(permissionTable).flat())]));
  });

  it("of several roles are those of each together", () => {
    const both = permissionsOf(["developer", "billing_viewer"]);
    expect(both).toEqual(new Set([...permissionsOf(["developer"]), ...permissionsOf(["billing_viewer"])]));
  });

  it("of nobody are none, and a service holds only what its call names", () => {
    expect(permissionsOf([])).toEqual(new Set());
    expect(permissionsOf(["service"])).toEqual(new Set());
  });

  it("to see what Meta charges us are never a client's", () => {
    for (const member of members) expect(permissionsOf([member])).not.toContain("billing:cost");
  });

  it("to see or act across clients are never a client's", () => {
    const words = permissions.filter(
      (word) => /:(list|act-for|operate|review)$/.test(word) || word === "tenant:create",
    );
    for (const member of members)
      expect([...permissionsOf([member])].filter((word) => words.includes(word))).toEqual([]);
  });

  it("of an auditor change nothing", () => {
    const changing = /:(write|create|submit|review|act-for|operate|issue)$/;
    expect([...permissionsOf(["auditor"])].filter((word) => changing.test(word))).toEqual([]);
  });

  it("to issue tokens by hand are nobody's", () => {
    const holders = roles.filter((role: Role) => permissionsOf([role]).has("identity:issue"));
    expect(holders).toEqual([]);
  });
});

describe("asking for a permission", () => {
  it("passes in silence when it is held", () => {
    expect(() => {
      allow({ permissions: new Set(["template:submit"]) }, "template:submit");
    }).not.toThrow();
  });

  it("names the missing word and who can help", () => {
    const asking = (): void => {
      allow({ permissions: new Set(["template:read"]) }, "template:submit");
    };
    const refusal = { code: "FORBIDDEN", reason: "permission_missing", details: { permission: "template:submit" } };
    expect(refusedBy(asking)).toMatchObject(refusal);
    expect(asking).toThrow("Ask an owner or platform admin");
  });
});

function refusedBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
