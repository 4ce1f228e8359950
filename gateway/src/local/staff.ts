import { dayMs } from "@greentick/kernel";
import { type Platform } from "../all-in-one.js";
import { type StaffRole } from "../story/target.js";

/** How long a token of the start is good. */
export const tokenSeconds = dayMs / 1_000;

/** One person of each role of the provider's staff. */
export const localStaff: readonly { readonly role: StaffRole; readonly name: string; readonly email: string }[] = [
  { role: "platform_admin", name: "Ada Sörensen", email: "ada@provider.example" },
  { role: "onboarding_agent", name: "Otávio Lima", email: "otavio@provider.example" },
  { role: "template_reviewer", name: "Tomoko Ishii", email: "tomoko@provider.example" },
  { role: "billing_admin", name: "Bea Castro", email: "bea@provider.example" },
  { role: "auditor", name: "Aino Virtanen", email: "aino@provider.example" },
];

/** The provider that every local platform belongs to. */
export const localProvider = {
  name: "Greentick Local",
  legalName: "Greentick Local BSP Ltd.",
  country: "IE",
  currency: "USD",
  timeZone: "Europe/Dublin",
} as const;

/** Somebody of the staff, signed in. */
export interface LocalPerson {
  readonly role: StaffRole;
  readonly name: string;
  readonly token: string;
}

/** Makes the provider and its staff where they do not exist yet, and signs everybody in. Safe to repeat. */
export async function signInStaff({ identity, settle }: Platform): Promise<readonly LocalPerson[]> {
  const ensured = await identity.ensureProvider({
    ...localProvider,
    livemode: false,
    people: localStaff.map(({ role, ...person }) => ({ ...person, roles: [role] })),
  });
  const people: LocalPerson[] = [];
  for (const { role, name, email } of localStaff) {
    const person = ensured.people.find((one) => one.email === email);
    if (person === undefined) throw new Error(`The provider has no ${role}.`);
    people.push({ role, name, token: (await identity.issueFor(person.id, tokenSeconds)).token });
  }
  await settle();
  return people;
}
