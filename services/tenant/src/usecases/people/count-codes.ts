import { type Call, type PersonId } from "@greentick/kernel";
import { codeRule, isCrowded, linkCodeRule, nextAttemptAt, remembered } from "../../domain/attempts.js";
import { peopleErrors } from "../../domain/people-errors.js";
import { type AttemptStore, type Secrets } from "../../ports/people.js";

export interface CountPorts {
  readonly attempts: AttemptStore;
  readonly secrets: Secrets;
}

export interface Coder {
  readonly personId: PersonId;
  /** Keyed hash of a device that the person's account knows: it has a count of its own. */
  readonly device?: string;
}

/**
 * Looks at a code of a second factor, or does not: every wrong one of a person counts in one place, wherever it is shown; see `codeRule`. A place
 * is taken before the look, so that many at once do not all pass; a right code clears the count. `look` answers undefined for a wrong code.
 * @throws RATE_LIMITED/too_many_attempts, and what `look` throws, which counts for nothing.
 */
export async function countingCode<T>(
  { attempts, secrets }: CountPorts,
  call: Call,
  { who, look }: { readonly who: Coder; readonly look: () => Promise<T | undefined> },
): Promise<T | undefined> {
  const { personId, device } = who;
  const ofPerson = secrets.keyed("attempt", `code|${personId}`);
  const key = device === undefined ? ofPerson : secrets.keyed("attempt", `code|${personId}|${device}`);
  await takePlace(attempts, key, call.systemNow());
  const seen = await look().catch(async (error: unknown) => {
    await attempts.takeBack(key, codeRule);
    throw error;
  });
  if (seen !== undefined) for (const one of new Set([key, ofPerson])) await attempts.clear(one);
  return seen;
}

async function takePlace(attempts: AttemptStore, key: string, now: Date): Promise<void> {
  const [before] = await attempts.read([key]);
  const until = nextAttemptAt(before, codeRule, now);
  if (until !== undefined) throw peopleErrors.tooManyCodes(Math.ceil((until.getTime() - now.getTime()) / 1000));
  const counted = await attempts.add(key, codeRule, now);
  if (!isCrowded(before, counted, { rule: codeRule, now })) return;
  await attempts.takeBack(key, codeRule);
  throw peopleErrors.tooManyCodes(1);
}

interface Link<T> {
  /** Hash of the link's token. */
  readonly tokenHash: string;
  readonly look: () => Promise<T | undefined>;
}

const linkKey = (secrets: Secrets, tokenHash: string): string => secrets.keyed("attempt", `link|${tokenHash}`);

/** Whether so many wrong codes were shown with a link that it is good for nothing any more. */
export async function isWornOut({ attempts, secrets }: CountPorts, call: Call, tokenHash: string): Promise<boolean> {
  const [failures] = await attempts.read([linkKey(secrets, tokenHash)]);
  return failures !== undefined && remembered(failures, linkCodeRule, call.systemNow()) >= linkCodeRule.free;
}

/** A code shown together with a link: ten wrong ones end the link. @throws NOT_FOUND/link_not_good, and what `look` throws. */
export async function countingWithLink<T>(
  { attempts, secrets }: CountPorts,
  call: Call,
  { tokenHash, look }: Link<T>,
): Promise<T | undefined> {
  const key = linkKey(secrets, tokenHash);
  const counted = await attempts.add(key, linkCodeRule, call.systemNow());
  if (remembered(counted, linkCodeRule, call.systemNow()) > linkCodeRule.free) throw peopleErrors.linkNotGood();
  const takeBack = (): Promise<void> => attempts.takeBack(key, linkCodeRule);
  const seen = await look().catch(async (error: unknown) => {
    await takeBack();
    throw error;
  });
  if (seen !== undefined) await takeBack();
  return seen;
}
