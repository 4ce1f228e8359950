import { type ClientPlan, type LiveClient } from "@greentick/gateway";

/** Somebody of a side who asks. A guest is whoever signed in last; a visitor has no token. */
export const sideCallers = [
  "owner",
  "developer",
  "billing_viewer",
  "visiting_staff",
  "reseller",
  "reseller_agent",
  "newcomer",
  "guest",
  "api_key",
  "visitor",
] as const;
export type SideCaller = (typeof sideCallers)[number];

/** What is planted in everything that one side says, so that a single word of it elsewhere is seen. */
export interface Story {
  readonly name: "ours" | "theirs";
  /** A word that stands in every text, name and address of this side and in nothing else. */
  readonly canary: string;
  readonly client: ClientPlan;
  /** The last digits of this side's numbers. */
  readonly digit: string;
  readonly wabaIds: readonly [string, string];
  readonly phoneNumberIds: readonly [string, string];
  readonly businessId: string;
}

/** A client business below a reseller of its own, with people of every role at both. */
export interface Side extends Story {
  readonly live: LiveClient;
  readonly resellerId: string;
  readonly tenantId: string;
  readonly tokens: Readonly<Record<SideCaller, string>>;
  /** What its API key may do. */
  readonly apiKey: { readonly id: string; readonly scopes: readonly string[] };
}

const common = { country: "CO", currency: "USD", timeZone: "America/Bogota" } as const;

/** The same business twice under two names: what keys may be the same in both is the same. */
export const stories: Readonly<Record<Story["name"], Story>> = {
  ours: {
    name: "ours",
    canary: "Aguacate",
    client: { name: "Aguacate", legalName: "Aguacate S.A.S.", ...common },
    digit: "7",
    wabaIds: ["318274650192837", "556182930475610"],
    phoneNumberIds: ["219384756102938", "640192837465019"],
    businessId: "702915384620175",
  },
  theirs: {
    name: "theirs",
    canary: "Quetzal",
    client: { name: "Quetzal", legalName: "Quetzal S.A.S.", ...common },
    digit: "8",
    wabaIds: ["427163905281746", "427163905281799"],
    phoneNumberIds: ["530918273645102", "530918273645199"],
    businessId: "702915384620999",
  },
};
