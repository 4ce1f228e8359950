import { type Connection, connectionOf, PageArgs, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Args, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import { unratedReasons } from "../../domain/rate.js";
import { type UnratedAlarm } from "../../domain/unrated-alarm.js";
import { type ListAlarms } from "../../usecases/raise-alarms.js";
import { TenantWithBilling } from "./types.js";

@ObjectType("UnratedAlarm", {
  description:
    "Deliveries of a client and day that have no price, for a reason that somebody has to remove: once for each client, reason and day.",
})
export class UnratedAlarmNode {
  @Field(() => ID)
  id!: string;
  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;
  @Field(() => TenantWithBilling, { nullable: true })
  tenant!: TenantWithBilling | null;
  @Field(() => String, { description: "Stable word, e.g. `unknown_category`." })
  reason!: string;
  @Field(() => String, { description: "What it means and what to do." })
  message!: string;
  @Field(() => String, { description: "Of delivery, in UTC." })
  day!: string;
  @Field(() => Int, {
    description: "How many there were when it was noticed; `allUnratedFacts` lists those that still wait.",
  })
  count!: number;
  @Field(() => String, { nullable: true, description: "Meta's word for the category of one of them." })
  category!: string | null;
  @Field(() => Date)
  raisedAt!: Date;
}
const UnratedAlarmConnection = connectionOf("UnratedAlarm", UnratedAlarmNode);

const toAlarm = (alarm: UnratedAlarm): UnratedAlarmNode => ({
  id: alarm.id,
  livemode: alarm.livemode,
  tenant: { id: alarm.tenantId },
  reason: alarm.reason,
  message: unratedReasons[alarm.reason],
  day: alarm.day,
  count: alarm.count,
  category: alarm.category ?? null,
  raisedAt: alarm.raisedAt,
});

@Resolver()
export class AlarmResolver {
  constructor(private readonly list: ListAlarms) {}

  @Requires("billing:list")
  @Query(() => UnratedAlarmConnection, {
    description: "What could not be priced at any client, newest first. Staff only.",
  })
  async unratedAlarms(@Args() page: PageArgs, @Ctx() call: Call): Promise<Connection<UnratedAlarmNode>> {
    return toConnection(await this.list(call, pageOf(page)), toAlarm);
  }
}
