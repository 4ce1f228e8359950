import {
  allow,
  keyScopes,
  knownPermissions,
  leftIn,
  mayBeDelegated,
  memberRoles,
  permissions,
  permissionsOf,
  permissionTable,
  readsOnly,
  type Role,
  roles,
  staffRoles,
} from "./permissions.js";

const members = roles.filter((role) => !staffRoles.includes(role) && role !== "service");

describe("permissions", () => {
  it("are words of the form room:verb", () => {
    for (const word of permissions) expect(word).toMatch(/^[a-z]+:[a-z-]+$/);
  });

  it("name only roles that exist", () => {
    const named = Object.values(permissionTable).flatMap((row) => row.roles);
    expect(roles).toEqual(expect.arrayContaining([...new Set(named)]));
    expect([...staffRoles, ...memberRoles, "service"].sort()).toEqual([...roles].sort());
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

describe("scopes of an API key", () => {
  it("are words that a client's own roles hold", () => {
    const held = permissionsOf(memberRoles);
    expect(keyScopes.filter((word) => !held.has(word))).toEqual([]);
    expect(keyScopes).toContain("template:submit");
    expect(keyScopes).not.toContain("tenant:list");
  });

  it("never make keys, invite people or end somebody's access", () => {
    for (const word of ["key:write", "key:revoke", "grant:revoke", "tenant:act-for", "identity:operate"] as const) {
      expect(keyScopes).not.toContain(word);
      expect(mayBeDelegated(word)).toBe(false);
    }
  });
});

describe("a tenant that is not open", () => {
  const owner = permissionsOf(["owner"]);

  it("keeps reading when suspended, and what takes access away", () => {
    const left = leftIn("suspended", owner);
    expect([...left].filter((word) => !readsOnly(word)).sort()).toEqual(
      [...owner].filter((word) => "evenSuspended" in permissionTable[word] && !readsOnly(word)).sort(),
    );
    expect(left).toContain("billing:read");
    expect(left).toContain("key:revoke");
    expect(left).not.toContain("template:submit");
  });

  it("keeps only reading when closed, and everything when open", () => {
    expect([...leftIn("closed", owner)].every(readsOnly)).toBe(true);
    expect(leftIn("open", owner)).toEqual(owner);
  });

  it("says so, and who can help, instead of naming a missing role", () => {
    const permissions = leftIn("suspended", owner);
    const asking = (): void => {
      allow({ permissions, withheld: { standing: "suspended", permissions: owner } }, "template:submit");
    };
    expect(refusedBy(asking)).toMatchObject({
      code: "FORBIDDEN",
      reason: "tenant_suspended",
      details: { permission: "template:submit" },
    });
    expect(asking).toThrow("can resume it");
    const never = (): void => {
      allow({ permissions, withheld: { standing: "suspended", permissions: owner } }, "tenant:list");
    };
    expect(refusedBy(never)).toMatchObject({ reason: "permission_missing" });
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

  it("names the missing scope of a key", () => {
    const asking = (): void => {
      allow({ permissions: new Set(["template:read"]), actor: { kind: "api_key" } }, "template:submit");
    };
    expect(refusedBy(asking)).toMatchObject({ reason: "permission_missing" });
    expect(asking).toThrow("lacks the scope template:submit");
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

it("words of a newer process that are unknown here are left out, and nothing else is", () => {
  expect(knownPermissions(["template:read", "template:bless", "__proto__", "toString"])).toEqual(["template:read"]);
  expect(knownPermissions(permissions)).toEqual(permissions);
});
