import { allow, AppError, type Call, type Permission } from "@greentick/kernel";
import { type FieldResolver } from "./misses.js";

/** A field that the caller may not use, by its declared permission or by what its code found. */
export interface Denial {
  /** Of Query or Mutation its name, else with its type in front; a type alone where a reference to it was refused. */
  readonly field: string;
  readonly refusal: AppError;
}

/** Hears of every denial before the caller is answered. It keeps its own failures to itself. */
export type Denied = (call: Call, denial: Denial) => Promise<void>;

/** Throws on what it is given; a FORBIDDEN is told first. */
export const tellingDenial =
  (call: Call, field: string, denied: Denied | undefined) =>
  async (error: unknown): Promise<never> => {
    if (error instanceof AppError && error.code === "FORBIDDEN") await denied?.(call, { field, refusal: error });
    throw error;
  };

interface Guard {
  readonly field: string;
  readonly permission: Permission;
  readonly denied: Denied | undefined;
}

/** The same resolver behind its declared permission. Being refused, there or inside, is told. */
export const guarded =
  (resolve: FieldResolver, { field, permission, denied }: Guard): FieldResolver =>
  (...asked) => {
    const tell = tellingDenial(asked[2], field, denied);
    try {
      allow(asked[2], permission);
      const answer: unknown = resolve(...asked);
      return answer instanceof Promise ? answer.catch(tell) : answer;
    } catch (error) {
      return tell(error);
    }
  };
