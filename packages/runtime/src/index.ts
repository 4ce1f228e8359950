export * from "./backoff.js";
export * from "./bus/contract.js";
export { dataSubjectConsumer, type PersonalData } from "./data-duties.js";
export { fitsRecord } from "./bus/event-rules.js";
export { mongoBus, type MongoBusParts } from "./bus/mongo/mongo-bus.js";
export { natsBus, type NatsBusParts } from "./bus/nats/nats-bus.js";
export { lagByConsumer, openBus, type OpenBusParts } from "./bus/open-bus.js";
export { partitionOf, partitionCount } from "./bus/partitions.js";
export { type Patience } from "./bus/patience.js";
export * from "./calls.js";
export * from "./clocks.js";
export * from "./config.js";
export * from "./data/aggregates.js";
export { aggregateStore } from "./data/aggregate-store.js";
export { type Idempotency, idempotencyOf, isRepeat } from "./data/idempotency.js";
export { cursorOf, olderThan } from "./data/paging.js";
export * from "./data/database.js";
export * from "./data/errors.js";
export * from "./data/upsert.js";
export { publishingLost, type PublishingLostParts } from "./data/publishing-lost.js";
export { nudgeOutbox, outboxRelay, type OutboxParts } from "./data/outbox.js";
export { scopeFilter } from "./data/scope-filter.js";
export { durableTimers, type TimerParts } from "./durable-timers.js";
export * from "./http/host.js";
export { replyError, replyJson, requestIdOf } from "./http/reply.js";
export { operationsApp, type OperationsParts } from "./http/operations.js";
export * from "./http/route.js";
export { type JobParts, type JobProgress, type JobRunner, runJobs } from "./jobs.js";
export * from "./log.js";
export * from "./metrics.js";
export { newParcelKeys, openParcel, type ParcelKeys, sealParcel } from "./parcel.js";
export { courtesy, type Courtesy, type GiveWay } from "./courtesy.js";
export { pooledRandomBytes } from "./random.js";
export * from "./refusals.js";
export * from "./run-services.js";
export * from "./service.js";
export * from "./shutdown.js";
export * from "./store/index.js";
export * from "./tenant-directory.js";
export * from "./timers.js";
export * from "./trail-quota.js";
export { type VaultDuties, vaultDuties } from "./vault/duties.js";
export { isShredded } from "./vault/errors.js";
export {
  environmentKeys,
  type KeyEncryption,
  type MasterKey,
  masterKeysOf,
  masterKeyVariables,
  type WrappedKey,
} from "./vault/key-encryption.js";
export { openSecrets, type Secrets, type SecretsParts } from "./vault/open-vault.js";
export { type Sealer, sealer } from "./vault/sealer.js";
export { type SealPlace, type Vault } from "./vault/vault.js";
