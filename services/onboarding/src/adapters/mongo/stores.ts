import { aggregateStore, type AggregateStore, type Database } from "@greentick/runtime";
import { Schema } from "mongoose";
import { type BadgeRequest } from "../../domain/badge-request.js";
import { badgeErrors, numberErrors, signupErrors, wabaErrors } from "../../domain/errors.js";
import { type PhoneNumber } from "../../domain/phone-number.js";
import { type SignupCase } from "../../domain/signup-case.js";
import { type Waba } from "../../domain/waba.js";

const text = { type: String, required: true } as const;
const maybeText = { type: String } as const;
const instant = { type: Date, required: true } as const;
const maybeInstant = { type: Date } as const;
/** Plain values of the domain, kept as they are. */
const value = { type: Schema.Types.Mixed, required: true } as const;
const maybeValue = { type: Schema.Types.Mixed } as const;
const values = { type: [Schema.Types.Mixed], required: true } as const;

export const onboardingCollections = ["signup_cases", "wabas", "phone_numbers", "badge_requests"] as const;

export const mongoSignupCases = (database: Database): AggregateStore<SignupCase> =>
  aggregateStore<SignupCase>({
    database,
    collection: "signup_cases",
    kind: "signup_case",
    schemaVersion: 1,
    state: {
      path: text,
      status: text,
      metaBusinessId: text,
      wabaId: text,
      phoneNumberId: maybeText,
      number: maybeValue,
      wabaRecordId: maybeText,
      numberRecordId: maybeText,
      openedAt: instant,
      steps: values,
      next: maybeText,
      waiting: maybeValue,
      problem: maybeValue,
      refusals: values,
      endReason: maybeText,
      claim: maybeText,
      sealedSignupCode: maybeText,
      sealedToken: maybeText,
      sealedDigits: maybeText,
    },
    indexes: [
      { on: ["claim"], unique: true, name: "one_case_per_number" },
      { on: ["phoneNumberId", "next"], name: "number_and_step" },
      { on: ["status", "waiting.actor"], name: "waiting_on" },
    ],
    notFound: signupErrors.notFound,
    onDuplicate: signupErrors.alreadyOpen,
  });

export const mongoWabas = (database: Database): AggregateStore<Waba> =>
  aggregateStore<Waba>({
    database,
    collection: "wabas",
    kind: "waba",
    schemaVersion: 1,
    state: {
      wabaId: text,
      metaBusinessId: text,
      currency: text,
      timeZone: text,
      linkedAt: instant,
      lastSyncedAt: instant,
      mirror: value,
      history: values,
      sealedToken: text,
      subscribedAt: maybeInstant,
      allocationConfigId: maybeText,
    },
    indexes: [{ on: ["wabaId"], unique: true, acrossTenants: true, name: "one_owner_per_waba" }],
    notFound: wabaErrors.notFound,
    onDuplicate: wabaErrors.taken,
  });

export const mongoPhoneNumbers = (database: Database): AggregateStore<PhoneNumber> =>
  aggregateStore<PhoneNumber>({
    database,
    collection: "phone_numbers",
    kind: "phone_number",
    schemaVersion: 1,
    state: {
      phoneNumberId: text,
      wabaId: text,
      wabaRecordId: text,
      digits: text,
      addedAt: instant,
      lastSyncedAt: instant,
      mirror: value,
      history: values,
      sealedPin: maybeText,
      registeredAt: maybeInstant,
      firstInboundAt: maybeInstant,
      liveSince: maybeInstant,
    },
    indexes: [
      { on: ["phoneNumberId"], unique: true, acrossTenants: true, name: "one_owner_per_number" },
      { on: ["wabaId", "digits"], name: "waba_and_digits" },
    ],
    notFound: numberErrors.notFound,
    onDuplicate: numberErrors.taken,
  });

export const mongoBadgeRequests = (database: Database): AggregateStore<BadgeRequest> =>
  aggregateStore<BadgeRequest>({
    database,
    collection: "badge_requests",
    kind: "badge_request",
    schemaVersion: 1,
    state: {
      numberRecordId: text,
      phoneNumberId: text,
      status: text,
      openedAt: instant,
      application: value,
      evidence: values,
      reviews: values,
      attempts: values,
      rulesAtReview: { type: [Schema.Types.Mixed], default: undefined },
      coolingUntil: maybeInstant,
    },
    indexes: [{ on: ["phoneNumberId"], unique: true, name: "one_request_per_number" }],
    notFound: badgeErrors.notFound,
    onDuplicate: badgeErrors.exists,
  });
