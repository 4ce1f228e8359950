import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type ImportRateCard } from "../../usecases/import-rate-card.js";
import { type ReadRateCards } from "../../usecases/read-rate-cards.js";
import { type RequestRehearsal } from "../../usecases/rehearse-rate-card.js";
import { type ReleaseRateCard, type WithdrawRateCard } from "../../usecases/release-rate-card.js";
import { RateCardNode } from "./month-types.js";
import {
  ImportRateCardInput,
  ImportRateCardPayload,
  RateCardComparisonNode,
  RateCardFindingNode,
  RateCardImportConnection,
  RateCardImportNode,
  RehearseRateCardInput,
  RehearseRateCardPayload,
  ReleaseRateCardInput,
  ReleaseRateCardPayload,
  WithdrawRateCardInput,
  WithdrawRateCardPayload,
} from "./rate-card-types.js";
import { type ImportNode, toComparison, toImport } from "./rate-card-wire.js";
import { toCard } from "./wire.js";

export interface RateCardUses {
  readonly read: ReadRateCards;
  readonly importRateCard: ImportRateCard;
  readonly requestRehearsal: RequestRehearsal;
  readonly releaseRateCard: ReleaseRateCard;
  readonly withdrawRateCard: WithdrawRateCard;
}

const once = (call: Call, key: string | undefined): Call => (key == null ? call : { ...call, idempotencyKey: key });

@Resolver()
export class RateCardResolver {
  constructor(private readonly use: RateCardUses) {}

  @Requires("billing:write")
  @Mutation(() => ImportRateCardPayload, {
    description:
      "Keeps a rate card as a draft; it rates nothing until another person releases it. The provider's staff only. Fails with FORBIDDEN/staff_only, BAD_USER_INPUT naming the field, BAD_USER_INPUT/rate_card_too_large, BAD_USER_INPUT/rate_card_unreadable naming the first lines and columns that are wrong.",
  })
  async importRateCard(@Arg("input") input: ImportRateCardInput, @Ctx() call: Call): Promise<ImportRateCardPayload> {
    const { name, kind, currency, effectiveFrom, effectiveTo, csv } = input;
    const rateCard = await this.use.importRateCard(once(call, input.idempotencyKey), {
      kind,
      effectiveFrom,
      csv,
      ...(name != null && { name }),
      ...(currency != null && { currency }),
      ...(effectiveTo != null && { effectiveTo }),
    });
    return { rateCard: toImport(rateCard) };
  }

  @Requires("billing:write")
  @Mutation(() => RehearseRateCardPayload, {
    description:
      "Asks what a month of every client's traffic would cost under the draft; read the card again for the outcome. Fails with FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled, BAD_USER_INPUT naming `month`.",
  })
  async rehearseRateCard(
    @Arg("input") { rateCardId, month }: RehearseRateCardInput,
    @Ctx() call: Call,
  ): Promise<RehearseRateCardPayload> {
    return { rateCard: toImport(await this.use.requestRehearsal(call, { rateCardId, month })) };
  }

  @Requires("billing:write")
  @Mutation(() => ReleaseRateCardPayload, {
    description:
      "Puts a draft in force for every client; not by whom it was imported. What is booked stays at its price, what waited for it is rated. Fails with FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled, CONFLICT/rate_card_own_release, CONFLICT/rate_card_faulty, CONFLICT/rate_card_warnings naming what is not accepted, CONFLICT/rate_card_raced.",
  })
  async releaseRateCard(
    @Arg("input") { rateCardId, supersedes, acceptWarnings }: ReleaseRateCardInput,
    @Ctx() call: Call,
  ): Promise<ReleaseRateCardPayload> {
    const input = { rateCardId, supersedes: supersedes ?? [], acceptWarnings: acceptWarnings ?? [] };
    return { rateCard: toImport(await this.use.releaseRateCard(call, input)) };
  }

  @Requires("billing:write")
  @Mutation(() => WithdrawRateCardPayload, {
    description:
      "Puts a draft away for good. Fails with FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found, CONFLICT/rate_card_settled.",
  })
  async withdrawRateCard(
    @Arg("input") { rateCardId }: WithdrawRateCardInput,
    @Ctx() call: Call,
  ): Promise<WithdrawRateCardPayload> {
    return { rateCard: toImport(await this.use.withdrawRateCard(call, { rateCardId })) };
  }

  @Requires("billing:read")
  @Query(() => [RateCardNode], { description: "Meta's published cards, newest first per currency." })
  async rateCards(
    @Arg("currency", () => String, { nullable: true }) currency: string | undefined,
    @Ctx() call: Call,
  ): Promise<RateCardNode[]> {
    return (await this.use.read.cards(call, currency == null ? {} : { currency })).map(toCard);
  }

  @Requires("billing:read")
  @Query(() => RateCardNode, { description: "Fails with NOT_FOUND/rate_card_not_found." })
  async rateCard(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<RateCardNode> {
    return toCard(await this.use.read.card(call, id));
  }

  @Requires("billing:list")
  @Query(() => RateCardImportConnection, {
    description: "Imported cards, newest first. Fails with FORBIDDEN/staff_only for all but the provider's staff.",
  })
  async rateCardImports(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<RateCardImportNode>> {
    return toConnection(await this.use.read.imports(call, pageOf(page)), toImport);
  }

  @Requires("billing:list")
  @Query(() => RateCardImportNode, {
    nullable: true,
    description: "Null when there is none of that id. Fails with FORBIDDEN/staff_only.",
  })
  async rateCardImport(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<RateCardImportNode | null> {
    const [card] = await this.use.read.importsById(call, [id]);
    return card === undefined ? null : toImport(card);
  }

  @Requires("billing:list")
  @Query(() => RateCardComparisonNode, {
    description:
      "An imported card beside the one of its kind and currency that began before it. Fails with FORBIDDEN/staff_only, NOT_FOUND/rate_card_not_found.",
  })
  async rateCardComparison(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<RateCardComparisonNode> {
    return toComparison(await this.use.read.comparison(call, id));
  }
}

@Resolver(() => RateCardImportNode)
export class RateCardImportResolver {
  constructor(private readonly use: Pick<RateCardUses, "read">) {}

  @Requires("billing:list")
  @FieldResolver(() => [RateCardFindingNode], {
    description: "What is to be known before its release, errors first; empty once it is released or withdrawn.",
  })
  async findings(
    @Root() node: RateCardImportNode,
    @Arg("supersedes", () => [ID], { nullable: true, description: "Cards that the release would end." })
    supersedes: string[] | undefined,
    @Ctx() call: Call,
  ): Promise<RateCardFindingNode[]> {
    const found = await this.use.read.findings(call, (node as ImportNode).card, supersedes ?? []);
    return found.map((one) => ({ ...one, about: [...one.about] }));
  }
}
