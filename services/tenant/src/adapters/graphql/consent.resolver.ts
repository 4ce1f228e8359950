import "reflect-metadata";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { type Consent, type ConsentPurpose, type Identity } from "../../domain/consent.js";
import { type Page, type PageRequest } from "../../ports.js";
import { type ImportConsents } from "../../usecases/import-consents.js";
import { type ConsentQuery, type ShownStep } from "../../usecases/read-consents.js";
import { type ConsentInput, type NoteConsent } from "../../usecases/record-consent.js";
import {
  ConsentAnswerType,
  ConsentConnection,
  ConsentInputType,
  ConsentOfArgs,
  ConsentPayload,
  ConsentsArgs,
  ConsentStepType,
  ConsentType,
  type ContactIdentityInput,
  ImportConsentsInput,
  ImportConsentsPayload,
  toConsent,
} from "./consent.types.js";

export interface ConsentUseCases {
  readonly recordConsent: NoteConsent;
  readonly withdrawConsent: NoteConsent;
  readonly importConsents: ImportConsents;
  readonly listConsents: (call: Call, page: PageRequest, query: ConsentQuery) => Promise<Page<Consent>>;
  readonly consentOf: (call: Call, identity: Identity, purpose: ConsentPurpose) => Promise<Consent | undefined>;
  readonly readHistory: (call: Call, consent: Consent) => Promise<readonly ShownStep[]>;
}

export const identityOf = ({ phone, userId }: ContactIdentityInput): Identity => ({
  ...(phone != null && { phone }),
  ...(userId != null && { userId }),
});

function inputOf(input: ConsentInputType): ConsentInput {
  const { identity, purpose, source, obtainedAt, language, proofText, proofUrl } = input;
  return {
    identity: identityOf(identity),
    purpose,
    source,
    ...(obtainedAt != null && { at: obtainedAt }),
    ...(language != null && { language }),
    ...(proofText != null && { proofText }),
    ...(proofUrl != null && { proofUrl }),
  };
}

@Resolver(() => ConsentType)
export class ConsentResolver {
  constructor(private readonly use: ConsentUseCases) {}

  @Requires("consent:read")
  @Query(() => ConsentConnection, { description: "Newest first. Fails with BAD_USER_INPUT/invalid_input." })
  async consents(@Ctx() call: Call, @Args() args: ConsentsArgs): Promise<Connection<ConsentType>> {
    const { identity, purpose, status } = args;
    const query = {
      ...(identity != null && { identity: identityOf(identity) }),
      ...(purpose != null && { purpose }),
      ...(status != null && { status }),
    };
    return toConnection(await this.use.listConsents(call, pageOf(args), query), toConsent);
  }

  @Requires("consent:read")
  @Query(() => ConsentAnswerType, {
    description:
      "Whether a contact may be written to for a purpose, and on which evidence: its latest word under any of its names. Fails with BAD_USER_INPUT/invalid_input.",
  })
  async consentOf(@Ctx() call: Call, @Args() { identity, purpose }: ConsentOfArgs): Promise<ConsentAnswerType> {
    const consent = await this.use.consentOf(call, identityOf(identity), purpose);
    return { granted: consent?.status === "granted", consent: consent === undefined ? null : toConsent(consent) };
  }

  @Requires("consent:read")
  @FieldResolver(() => [ConsentStepType], { description: "Everything the contact said, first to last." })
  async history(@Ctx() call: Call, @Root() { consent }: ConsentType): Promise<ConsentStepType[]> {
    return [...(await this.use.readHistory(call, consent))];
  }

  @Requires("consent:write")
  @Mutation(() => ConsentPayload, {
    description:
      "Keeps evidence that a contact agreed. The same evidence again changes nothing, so it is safe to repeat. Fails with BAD_USER_INPUT/invalid_input, CONFLICT/identity_erased.",
  })
  async recordConsent(@Ctx() call: Call, @Arg("input") input: ConsentInputType): Promise<ConsentPayload> {
    return { consent: toConsent(await this.use.recordConsent(call, inputOf(input))) };
  }

  @Requires("consent:write")
  @Mutation(() => ConsentPayload, {
    description:
      "Keeps that a contact does not want this any more; also of a contact that never agreed. Safe to repeat with the same instant. Fails with BAD_USER_INPUT/invalid_input.",
  })
  async withdrawConsent(@Ctx() call: Call, @Arg("input") input: ConsentInputType): Promise<ConsentPayload> {
    return { consent: toConsent(await this.use.withdrawConsent(call, inputOf(input))) };
  }

  @Requires("consent:write")
  @Mutation(() => ImportConsentsPayload, {
    description:
      "Reads a file of agreements; rows that cannot be right are named and keep no other from being read. The same file again changes nothing. Fails with BAD_USER_INPUT/too_many_rows.",
  })
  async importConsents(@Ctx() call: Call, @Arg("input") { csv }: ImportConsentsInput): Promise<ImportConsentsPayload> {
    const { problems, ...counts } = await this.use.importConsents(call, csv);
    return { ...counts, problems: [...problems] };
  }
}
