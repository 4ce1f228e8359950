import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type BadgeRequest } from "../../domain/badge-request.js";
import { type PhoneNumber } from "../../domain/phone-number.js";
import { type EvidenceInput } from "../../usecases/change-badge-evidence.js";
import { type OpenBadgeRequest } from "../../usecases/open-badge-request.js";
import { type BadgeOutlook, type Reader } from "../../usecases/read-onboarding.js";
import { PhoneNumberType, toPhoneNumber } from "./account.types.js";
import {
  AddBadgeEvidenceInput,
  BadgeRequestConnection,
  BadgeRequestPayload,
  BadgeRequestsArgs,
  BadgeRequestType,
  DecideBadgeReviewInput,
  DifferenceType,
  OpenBadgeRequestInput,
  ReadinessType,
  SubmitBadgeForReviewInput,
  toBadgeRequest,
  toDifferences,
  toReadiness,
  WithdrawBadgeEvidenceInput,
} from "./badge.types.js";
import { given, textOf } from "./shared.types.js";

type Change<I> = (call: Call, input: I & { readonly badgeRequestId: string }) => Promise<BadgeRequest>;

export interface BadgeUseCases {
  readonly badges: Reader<BadgeRequest>;
  readonly numbers: Reader<PhoneNumber>;
  readonly outlook: (call: Call, one: BadgeRequest) => Promise<BadgeOutlook>;
  readonly open: OpenBadgeRequest;
  readonly addEvidence: Change<EvidenceInput>;
  readonly withdrawEvidence: Change<{ readonly evidenceId: string }>;
  readonly submit: Change<{ readonly acceptRisks: boolean }>;
  readonly decide: Change<{ readonly approve: boolean; readonly reason: string }>;
}

const payload = (one: BadgeRequest): BadgeRequestPayload => ({ badgeRequest: toBadgeRequest(one) });

@Resolver(() => BadgeRequestType)
export class BadgeResolver {
  constructor(private readonly use: BadgeUseCases) {}

  @Requires("badge:read")
  @Query(() => BadgeRequestType, { description: "Fails with NOT_FOUND/badge_request_not_found." })
  async badgeRequest(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<BadgeRequestType> {
    return toBadgeRequest(await this.use.badges.get(call, id));
  }

  @Requires("badge:read")
  @Query(() => BadgeRequestConnection, {
    description: "Newest first; the provider's staff see all clients below them.",
  })
  async badgeRequests(@Args() args: BadgeRequestsArgs, @Ctx() call: Call): Promise<Connection<BadgeRequestType>> {
    return toConnection(await this.use.badges.list(call, pageOf(args), given({ status: args.status })), toBadgeRequest);
  }

  @Requires("badge:write")
  @Mutation(() => BadgeRequestPayload, {
    description:
      "Begins a number's way to the badge. Fails with NOT_FOUND/phone_number_not_found, CONFLICT/badge_request_exists, CONFLICT/idempotency_mismatch.",
  })
  async openBadgeRequest(@Arg("input") input: OpenBadgeRequestInput, @Ctx() call: Call): Promise<BadgeRequestPayload> {
    const { idempotencyKey, primaryLanguage, parentBrand, additionalInformation } = given(input);
    const once = idempotencyKey === undefined ? call : { ...call, idempotencyKey };
    const opened = await this.use.open(once, {
      numberRecordId: input.phoneNumberId,
      websiteUrl: textOf("websiteUrl", input.websiteUrl, 2_000),
      primaryCountry: textOf("primaryCountry", input.primaryCountry, 100),
      ...(primaryLanguage !== undefined && { primaryLanguage: textOf("primaryLanguage", primaryLanguage, 100) }),
      ...(parentBrand !== undefined && { parentBrand: textOf("parentBrand", parentBrand, 255) }),
      ...(additionalInformation !== undefined && {
        additionalInformation: textOf("additionalInformation", additionalInformation, 1_000),
      }),
    });
    return payload(opened);
  }

  @Requires("badge:write")
  @Mutation(() => BadgeRequestPayload, {
    description:
      "Adds press about the business and checks it. Fails with CONFLICT/badge_wrong_state, CONFLICT/badge_evidence_full.",
  })
  async addBadgeEvidence(@Arg("input") input: AddBadgeEvidenceInput, @Ctx() call: Call): Promise<BadgeRequestPayload> {
    const { badgeRequestId, note } = input;
    return payload(
      await this.use.addEvidence(call, {
        badgeRequestId,
        url: textOf("url", input.url, 2_000),
        note: note.slice(0, 1_000),
      }),
    );
  }

  @Requires("badge:write")
  @Mutation(() => BadgeRequestPayload, {
    description:
      "Takes a link out of the request. Fails with CONFLICT/badge_wrong_state, NOT_FOUND/badge_evidence_not_found.",
  })
  async withdrawBadgeEvidence(
    @Arg("input") input: WithdrawBadgeEvidenceInput,
    @Ctx() call: Call,
  ): Promise<BadgeRequestPayload> {
    return payload(await this.use.withdrawEvidence(call, input));
  }

  @Requires("badge:write")
  @Mutation(() => BadgeRequestPayload, {
    description:
      "Hands the request to the provider's reviewers. Fails with CONFLICT/badge_wrong_state, CONFLICT/badge_not_ready naming the failing rules.",
  })
  async submitBadgeForReview(
    @Arg("input") input: SubmitBadgeForReviewInput,
    @Ctx() call: Call,
  ): Promise<BadgeRequestPayload> {
    return payload(await this.use.submit(call, input));
  }

  @Requires("badge:review")
  @Mutation(() => BadgeRequestPayload, {
    description:
      "The provider's decision: on to Meta, or back for better evidence. Fails with CONFLICT/badge_wrong_state.",
  })
  async decideBadgeReview(
    @Arg("input") input: DecideBadgeReviewInput,
    @Ctx() call: Call,
  ): Promise<BadgeRequestPayload> {
    const { badgeRequestId, approve } = input;
    return payload(
      await this.use.decide(call, { badgeRequestId, approve, reason: textOf("reason", input.reason, 1_000) }),
    );
  }

  @Requires("badge:read")
  @FieldResolver(() => PhoneNumberType, { nullable: true })
  async phoneNumber(@Root() one: BadgeRequestType, @Ctx() call: Call): Promise<PhoneNumberType | null> {
    const [found] = await this.use.numbers.getMany(call, [one.source.numberRecordId]);
    return found === undefined ? null : toPhoneNumber(found);
  }

  @Requires("badge:read")
  @FieldResolver(() => ReadinessType, { description: "The eligibility rules as they stand now." })
  async readiness(@Root() one: BadgeRequestType, @Ctx() call: Call): Promise<ReadinessType> {
    return toReadiness(await this.use.outlook(call, one.source));
  }

  @Requires("badge:read")
  @FieldResolver(() => [DifferenceType], {
    description: "What a new request would say otherwise than the last refused one.",
  })
  async differencesToRefused(@Root() one: BadgeRequestType, @Ctx() call: Call): Promise<DifferenceType[]> {
    return toDifferences(await this.use.outlook(call, one.source));
  }
}
