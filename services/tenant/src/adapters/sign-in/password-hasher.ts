import { hash, parseOptions, verify } from "@node-rs/argon2";
import { peopleErrors } from "../../domain/people-errors.js";
import { type PasswordHasher } from "../../ports/people.js";

/**
 * Argon2id with 19 MiB, two passes and one lane: the first choice of OWASP's password storage cheat sheet, some 15 to 30 ms of one core. A
 * change of these numbers renews a hash at its owner's next sign-in.
 */
const argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface HasherLimits {
  /** Hashes at the same time; each holds 19 MiB and a thread of the pool, which has four. */
  readonly atOnce: number;
  /** How many may wait. */
  readonly waiting: number;
}

const hasherLimits: HasherLimits = { atOnce: 2, waiting: 40 };

/** Seconds after which a queue as long as the longest is worked off, generously. */
const worthWaitingSeconds = 2;

/** Argon2id is the library's own choice when none is named. */
const options = { ...argon2Parameters };

/** Argon2id on the thread pool, a few at a time; who comes when the queue is full is told to come back. */
export function passwordHasher(limits: HasherLimits = hasherLimits): PasswordHasher {
  const { admit, inTurn } = queue(limits);
  const nobody = hash("nobody has this password", options);
  nobody.catch(() => undefined);
  return {
    admit,
    hash: (password) => inTurn(() => hash(password, options)),
    verify: (known, password) =>
      inTurn(async () => {
        const right = await verify(known ?? (await nobody), password);
        return right && known !== undefined;
      }),
    isOutdated: (known) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(known);
      const current = argon2Parameters;
      return memoryCost !== current.memoryCost || timeCost !== current.timeCost || parallelism !== current.parallelism;
    },
  };
}

function queue({ atOnce, waiting }: HasherLimits): {
  readonly admit: () => void;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
} {
  let running = 0;
  const line: (() => void)[] = [];
  const admit = (): void => {
    if (line.length >= waiting) throw peopleErrors.busy(worthWaitingSeconds);
  };
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      admit();
      await new Promise<void>((resolve) => line.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
  return { admit, inTurn };
}
