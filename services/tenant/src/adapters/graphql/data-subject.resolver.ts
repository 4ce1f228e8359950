import "reflect-metadata";
import { type Connection, pageOf, Requires, toConnection } from "@greentick/graphql";
import { type Call } from "@greentick/kernel";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type DataSubjectRequest } from "../../domain/data-subject.js";
import { type Page, type PageRequest } from "../../ports.js";
import { type DataSubjectFilter } from "../../ports/data-subject.js";
import { type ExportPart, type RequestDuty } from "../../usecases/data-subject.js";
import { identityOf } from "./consent.resolver.js";
import {
  DataExportPartType,
  DataSubjectInput,
  DataSubjectPayload,
  DataSubjectRequestConnection,
  DataSubjectRequestsArgs,
  DataSubjectRequestType,
  toRequest,
} from "./data-subject.types.js";

export interface DataSubjectUseCases {
  readonly requestExport: RequestDuty;
  readonly requestErasure: RequestDuty;
  readonly listRequests: (
    call: Call,
    page: PageRequest,
    filter: DataSubjectFilter,
  ) => Promise<Page<DataSubjectRequest>>;
  readonly readRequest: (call: Call, id: string) => Promise<DataSubjectRequest | undefined>;
  readonly readExport: (call: Call, request: DataSubjectRequest) => Promise<readonly ExportPart[]>;
}

@Resolver(() => DataSubjectRequestType)
export class DataSubjectResolver {
  constructor(private readonly use: DataSubjectUseCases) {}

  @Requires("privacy:read")
  @Query(() => DataSubjectRequestConnection, { description: "Newest first." })
  async dataSubjectRequests(
    @Ctx() call: Call,
    @Args() args: DataSubjectRequestsArgs,
  ): Promise<Connection<DataSubjectRequestType>> {
    const { duty, status } = args;
    const filter = { ...(duty != null && { duty }), ...(status != null && { status }) };
    return toConnection(await this.use.listRequests(call, pageOf(args), filter), toRequest);
  }

  @Requires("privacy:read")
  @Query(() => DataSubjectRequestType, { nullable: true, description: "Null when there is none of that id here." })
  async dataSubjectRequest(@Ctx() call: Call, @Arg("id", () => ID) id: string): Promise<DataSubjectRequestType | null> {
    const request = await this.use.readRequest(call, id);
    return request === undefined ? null : toRequest(request);
  }

  @Requires("privacy:read")
  @FieldResolver(() => [DataExportPartType], {
    description: "What was found, from the moment the export is done until `exportUntil`; empty otherwise.",
  })
  async export(@Ctx() call: Call, @Root() { request }: DataSubjectRequestType): Promise<DataExportPartType[]> {
    return [...(await this.use.readExport(call, request))];
  }

  @Requires("privacy:write")
  @Mutation(() => DataSubjectPayload, {
    description:
      "Gathers everything kept of a person in this tenant. A job: it ends with a certificate. Fails with BAD_USER_INPUT/invalid_input, CONFLICT/idempotency_mismatch.",
  })
  async requestDataExport(@Ctx() call: Call, @Arg("input") input: DataSubjectInput): Promise<DataSubjectPayload> {
    return { request: toRequest(await this.use.requestExport(keyed(call, input), identityOf(input.identity))) };
  }

  @Requires("privacy:write")
  @Mutation(() => DataSubjectPayload, {
    description:
      "Erases everything kept of a person in this tenant; sums, invoices and the audit trail name nobody and stay. A job: it ends with a certificate, and waits while a legal hold stands. Fails with BAD_USER_INPUT/invalid_input, CONFLICT/idempotency_mismatch.",
  })
  async requestDataErasure(@Ctx() call: Call, @Arg("input") input: DataSubjectInput): Promise<DataSubjectPayload> {
    return { request: toRequest(await this.use.requestErasure(keyed(call, input), identityOf(input.identity))) };
  }
}

const keyed = (call: Call, { idempotencyKey }: DataSubjectInput): Call => ({
  ...call,
  ...(idempotencyKey != null && { idempotencyKey }),
});
