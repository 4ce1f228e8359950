import { badInput } from "@greentick/kernel";

/** What somebody is written to about. */
export const contactPurposes = ["billing", "technical", "privacy", "emergency"] as const;
export type ContactPurpose = (typeof contactPurposes)[number];

/** Whom to reach for a purpose: by e-mail, by phone, or both. */
export interface Contact {
  readonly purpose: ContactPurpose;
  readonly name: string;
  readonly email?: string;
  /** E.164. */
  readonly phone?: string;
}

export interface PostalAddress {
  /** Street and number first; at most four. */
  readonly lines: readonly string[];
  readonly city: string;
  /** State or province, where addresses of the country have one. */
  readonly region?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** A number under which tax authorities know the business. */
export interface TaxId {
  readonly country: string;
  /** As its country calls it: `nit`, `vat`, `ein`, `gstin`. */
  readonly kind: string;
  readonly value: string;
  /** `unverified`: this kind of number has no check digit that we know of. */
  readonly check: "valid" | "unverified";
}

export type NewTaxId = Omit<TaxId, "check">;

/** What the rules ask about numbers of the outside world. */
export interface Registers {
  /** The number as its authority writes it; `unknown` for a kind without a known format, `invalid` when format or check digit are wrong. */
  readonly taxId: (id: NewTaxId) => { readonly value: string } | "unknown" | "invalid";
  /** E.164, or undefined for what is no number. National numbers are read as numbers of that country. */
  readonly phone: (text: string, country: string) => string | undefined;
}

const most = { contacts: 20, taxIds: 10, languages: 20, lines: 4 };

export function checkedText(field: string, text: string, max: number): string {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > max) throw badInput(field, `must have 1 to ${max} characters`);
  return trimmed;
}

export function checkedCountry(field: string, text: string): string {
  if (!/^[A-Z]{2}$/.test(text)) throw badInput(field, "must be an ISO 3166-1 code such as CO");
  return text;
}

/** BCP 47, canonical and without repeats, in the order of preference. */
export function checkedLanguages(languages: readonly string[]): readonly string[] {
  fewEnough("languages", languages, most.languages);
  return [...new Set(languages.map(canonicalLanguage))];
}

function canonicalLanguage(tag: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    if (canonical !== undefined) return canonical;
  } catch {
    // Said below, in our words.
  }
  throw badInput("languages", `"${tag.slice(0, 40)}" is no language tag; use one such as es-CO`);
}

export function checkedAddress(address: PostalAddress): PostalAddress {
  fewEnough("address.lines", address.lines, most.lines);
  if (address.lines.length === 0) throw badInput("address.lines", "needs at least the street");
  return {
    lines: address.lines.map((line) => checkedText("address.lines", line, 120)),
    city: checkedText("address.city", address.city, 120),
    ...(address.region !== undefined && { region: checkedText("address.region", address.region, 120) }),
    ...(address.postalCode !== undefined && { postalCode: checkedText("address.postalCode", address.postalCode, 20) }),
    country: checkedCountry("address.country", address.country),
  };
}

/** @throws BAD_USER_INPUT naming the place of the first that cannot be right. */
export function checkedTaxIds(ids: readonly NewTaxId[], registers: Registers): readonly TaxId[] {
  fewEnough("taxIds", ids, most.taxIds);
  const checked = ids.map((id, at) => checkedTaxId(`taxIds.${at}`, id, registers));
  const names = checked.map(({ country, kind }) => `${country}/${kind}`);
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice >= 0) throw badInput(`taxIds.${twice}`, `${names[twice] ?? ""} is given twice`);
  return checked;
}

function checkedTaxId(field: string, { country, kind, value }: NewTaxId, { taxId }: Registers): TaxId {
  const id = {
    country: checkedCountry(`${field}.country`, country),
    kind: checkedText(`${field}.kind`, kind, 20).toLowerCase(),
    value: checkedText(`${field}.value`, value, 40),
  };
  const found = taxId(id);
  if (found === "invalid")
    throw badInput(`${field}.value`, `is no ${id.kind} of ${id.country}: compare it with the certificate`);
  return found === "unknown" ? { ...id, check: "unverified" } : { ...id, value: found.value, check: "valid" };
}

/** @throws BAD_USER_INPUT naming the place of the first that cannot be right. */
export function checkedContacts(
  contacts: readonly Contact[],
  { country, registers }: { readonly country: string; readonly registers: Registers },
): readonly Contact[] {
  fewEnough("contacts", contacts, most.contacts);
  return contacts.map((contact, at) => {
    const field = `contacts.${at}`;
    const { email, phone } = contact;
    if (email === undefined && phone === undefined) throw badInput(field, "needs an e-mail address or a phone number");
    return {
      purpose: contact.purpose,
      name: checkedText(`${field}.name`, contact.name, 120),
      ...(email !== undefined && { email: checkedEmail(`${field}.email`, email) }),
      ...(phone !== undefined && { phone: checkedPhone(`${field}.phone`, phone, { country, registers }) }),
    };
  });
}

function checkedEmail(field: string, text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length > 254 || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw badInput(field, "is no e-mail address");
  return email;
}

function checkedPhone(
  field: string,
  text: string,
  { country, registers }: { readonly country: string; readonly registers: Registers },
): string {
  const phone = registers.phone(text, country);
  if (phone === undefined)
    throw badInput(field, "is no phone number; use the international form, such as +57 601 555 0147");
  return phone;
}

function fewEnough(field: string, list: readonly unknown[], max: number): void {
  if (list.length > max) throw badInput(field, `may have ${max} entries at most`);
}
