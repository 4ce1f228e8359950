import { type Connection, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { type PhoneNumber } from "../../domain/phone-number.js";
import { type Waba } from "../../domain/waba.js";
import { type Reader } from "../../usecases/read-onboarding.js";
import {
  PhoneNumberConnection,
  PhoneNumbersArgs,
  PhoneNumberType,
  toPhoneNumber,
  toWaba,
  WabaConnection,
  WabasArgs,
  WabaType,
} from "./account.types.js";
import { given } from "./shared.types.js";

export interface AccountUseCases {
  readonly wabas: Reader<Waba>;
  readonly numbers: Reader<PhoneNumber>;
}

@Resolver(() => WabaType)
export class WabaResolver {
  constructor(private readonly use: AccountUseCases) {}

  @Requires("onboarding:read")
  @Query(() => WabaType, { description: "By our id. Fails with NOT_FOUND/waba_not_found." })
  async waba(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<WabaType> {
    return toWaba(await this.use.wabas.get(call, id));
  }

  @Requires("onboarding:read")
  @Query(() => WabaConnection, { description: "Newest first; the provider's staff see all clients below them." })
  async wabas(@Args() args: WabasArgs, @Ctx() call: Call): Promise<Connection<WabaType>> {
    return toConnection(await this.use.wabas.list(call, pageOf(args), given({ wabaId: args.wabaId })), toWaba);
  }

  @Requires("onboarding:read")
  @FieldResolver(() => PhoneNumberConnection, { description: "The account's numbers, newest first." })
  async phoneNumbers(
    @Root() waba: WabaType,
    @Args() page: PageArgs,
    @Ctx() call: Call,
  ): Promise<Connection<PhoneNumberType>> {
    return toConnection(await this.use.numbers.list(call, pageOf(page), { wabaRecordId: waba.id }), toPhoneNumber);
  }
}

@Resolver(() => PhoneNumberType)
export class PhoneNumberResolver {
  constructor(private readonly use: AccountUseCases) {}

  @Requires("onboarding:read")
  @Query(() => PhoneNumberType, { description: "By our id. Fails with NOT_FOUND/phone_number_not_found." })
  async phoneNumber(@Arg("id", () => ID) id: string, @Ctx() call: Call): Promise<PhoneNumberType> {
    return toPhoneNumber(await this.use.numbers.get(call, id));
  }

  @Requires("onboarding:read")
  @Query(() => PhoneNumberConnection, { description: "Newest first; the provider's staff see all clients below them." })
  async phoneNumbers(@Args() args: PhoneNumbersArgs, @Ctx() call: Call): Promise<Connection<PhoneNumberType>> {
    const filter = given({ wabaId: args.wabaId, phoneNumberId: args.phoneNumberId });
    return toConnection(await this.use.numbers.list(call, pageOf(args), filter), toPhoneNumber);
  }

  @Requires("onboarding:read")
  @FieldResolver(() => WabaType, { nullable: true })
  async waba(@Root() number: PhoneNumberType, @Ctx() call: Call): Promise<WabaType | null> {
    const [found] = await this.use.wabas.getMany(call, [number.wabaRecordId]);
    return found === undefined ? null : toWaba(found);
  }
}
