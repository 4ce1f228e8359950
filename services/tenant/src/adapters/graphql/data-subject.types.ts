import "reflect-metadata";
import { connectionOf, DateTime, PageArgs } from "@greentick/graphql";
import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { type DataSubjectDuty, type DataSubjectRequest, type DataSubjectStatus } from "../../domain/data-subject.js";
import { without } from "../../domain/without.js";
import { ContactIdentityInput } from "./consent.types.js";

const duties = { EXPORT: "export", ERASURE: "erasure" } as const;
const statuses = { HELD: "held", COLLECTING: "collecting", DONE: "done" } as const;
registerEnumType(duties, { name: "DataSubjectDuty", description: "What a person asked for." });
registerEnumType(statuses, {
  name: "DataSubjectStatus",
  description: "`HELD`: a legal hold stands in the way. `COLLECTING`: not every holder has answered yet.",
});

@ObjectType("DataSubjectAnswer", { description: "What one holder of personal data did." })
export class DataSubjectAnswerType {
  @Field(() => String)
  holder!: string;

  @Field(() => String, { description: "What was looked through." })
  searched!: string;

  @Field(() => Int)
  found!: number;

  @Field(() => Int)
  erased!: number;

  @Field(() => Int)
  kept!: number;

  @Field(() => String, { description: "Why something was kept; empty when nothing was." })
  keptBecause!: string;

  @Field(() => DateTime)
  at!: Date;
}

@ObjectType("DataSubjectCertificate", { description: "The proof that the duty was met. It names nobody." })
export class DataSubjectCertificateType {
  @Field(() => String, { description: "JSON: what was searched, found, erased, kept and why, and when." })
  text!: string;

  @Field(() => String, { description: "SHA-256 of the text, in hex." })
  sha256!: string;

  @Field(() => DateTime)
  issuedAt!: Date;
}

@ObjectType("DataExportPart", { description: "What one holder found." })
export class DataExportPartType {
  @Field(() => String)
  holder!: string;

  @Field(() => String, { description: "A list, as JSON text." })
  json!: string;
}

@ObjectType("DataSubjectRequest", { description: "A person asked for their data, or for its erasure." })
export class DataSubjectRequestType {
  @Field(() => ID)
  id!: string;

  @Field(() => duties)
  duty!: DataSubjectDuty;

  @Field(() => statuses)
  status!: DataSubjectStatus;

  @Field(() => String, { description: "Enough to recognise the person, too little to call." })
  contactHint!: string;

  @Field(() => DateTime)
  requestedAt!: Date;

  @Field(() => DateTime, { description: "A month later: the law's time to answer (GDPR Art. 12(3))." })
  dueAt!: Date;

  @Field(() => ID, { description: "Who noted the request." })
  requestedBy!: string;

  @Field(() => [DataSubjectAnswerType])
  answers!: DataSubjectAnswerType[];

  @Field(() => DataSubjectCertificateType, { nullable: true, description: "Once it is done." })
  certificate?: DataSubjectCertificateType;

  @Field(() => DateTime, { nullable: true, description: "Until when the export can be read." })
  exportUntil?: Date;

  @Field(() => Boolean, { description: "False in a sandbox." })
  livemode!: boolean;

  request!: DataSubjectRequest;
}
export const DataSubjectRequestConnection = connectionOf("DataSubjectRequest", DataSubjectRequestType);

@ArgsType()
export class DataSubjectRequestsArgs extends PageArgs {
  @Field(() => duties, { nullable: true })
  duty?: DataSubjectDuty | null;

  @Field(() => statuses, { nullable: true })
  status?: DataSubjectStatus | null;
}

@InputType({ description: "The person who asks." })
export class DataSubjectInput {
  @Field(() => ContactIdentityInput)
  identity!: ContactIdentityInput;

  @Field(() => String, { nullable: true, description: "The same key with the same person opens one request." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The job; ask for it again until it is done." })
export class DataSubjectPayload {
  @Field(() => DataSubjectRequestType)
  request!: DataSubjectRequestType;
}

export function toRequest(request: DataSubjectRequest): DataSubjectRequestType {
  const { id, duty, status, hint, requestedAt, dueAt, requestedBy, answers, certificate, exportUntil } = request;
  return {
    ...{ id, duty, status, contactHint: hint, requestedAt, dueAt, requestedBy, request, livemode: request.livemode },
    answers: answers.map((answer) => without(answer, "sealedPart")),
    ...(certificate && { certificate }),
    ...(exportUntil && { exportUntil }),
  };
}
