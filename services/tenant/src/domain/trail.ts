import { type TenantId } from "@greentick/kernel";

/** A value whose chain holds without it: the record keeps `SHA-256(salt, value)`, so the value can be erased and cannot be guessed. */
export interface Salted {
  /** 16 random bytes, base64url. */
  readonly salt: string;
  readonly value: unknown;
}
export const personalFields = ["ip", "changes"] as const;
export type PersonalField = (typeof personalFields)[number];
export type Personal = Readonly<Partial<Record<PersonalField, Salted>>>;

/** What every record has for its place in the chain; beside it stands whatever the record tells. */
export interface Link {
  readonly tenantId: string;
  readonly sequence: number;
  readonly previousHash: string;
  /** Hashes of the personal values. */
  readonly commitments: Readonly<Partial<Record<PersonalField, string>>>;
}

/** A record as it is exported: what the hash covers, and the personal values beside it while they exist. */
export interface ExportedRecord {
  readonly link: Link;
  readonly personal?: Personal;
  readonly hash: string;
}

/** Where a chain ends now. */
export interface ChainHead {
  readonly tenantId: TenantId;
  readonly sequence: number;
  readonly hash: string;
}

/** Where a chain stood on a day, to be signed: what comes later must contain it. Times are ISO 8601 in UTC. */
export interface Anchor {
  readonly kind: "anchor";
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: string;
  readonly day: string;
  readonly at: string;
}

/**
 * The end of an export, to be signed: where the chain stood, how many records and signed heads the file has, whether the tenant's personal values were
 * erased, and the hash of all bytes before this line.
 */
export interface Ending {
  readonly kind: "export";
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: string;
  readonly records: number;
  /** The signed heads in the file; of the last one the SHA-256 of its JWS. */
  readonly anchors: { readonly count: number; readonly lastSha256?: string | undefined };
  /** When the tenant's data was erased. Only then may records lack their personal values. */
  readonly erasedAt?: string | undefined;
  readonly sha256: string;
  readonly at: string;
}

/** The system's day in UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

export const anchorOf = ({ tenantId, sequence, hash }: ChainHead, at: Date): Anchor => ({
  kind: "anchor",
  tenantId,
  sequence,
  hash,
  day: dayOf(at),
  at: at.toISOString(),
});
