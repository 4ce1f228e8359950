import { type Outcome } from "./suite.js";

/** What a machine reads. */
export interface Figures {
  readonly fields: number;
  readonly fieldsCovered: number;
  readonly mutations: number;
  readonly mutationsCovered: number;
  readonly attempts: number;
  readonly differences: number;
}

export const figuresOf = ({
  fields,
  fieldsCovered,
  mutations,
  mutationsCovered,
  attempts,
  differences,
}: Outcome): Figures => ({
  fields: fields.length,
  fieldsCovered: fieldsCovered.length,
  mutations: mutations.length,
  mutationsCovered: mutationsCovered.length,
  attempts,
  differences: differences.length,
});

const missing = (all: readonly string[], covered: readonly string[]): readonly string[] =>
  all.filter((one) => !covered.includes(one));

/** True when nothing differs and nothing was left out. */
export const holds = (outcome: Outcome): boolean =>
  outcome.differences.length === 0 &&
  outcome.gaps.length === 0 &&
  missing(outcome.fields, outcome.fieldsCovered).length === 0 &&
  missing(outcome.mutations, outcome.mutationsCovered).length === 0;

const lines = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : ["", `${title}:`, ...items.map((item) => `  ${item}`)];

/** The same for people, with everything that is not as it should be. */
export function tableOf(outcome: Outcome): string {
  const { fields, fieldsCovered, aboveOnly, mutations, mutationsCovered, attempts, differences, gaps } = outcome;
  const share = (covered: readonly string[], all: readonly string[]): string =>
    `${String(covered.length)} of ${String(all.length)}`;
  return [
    `fields covered     ${share(fieldsCovered, fields)}`,
    `  for nobody but the provider's own staff: ${String(aboveOnly.length)}`,
    `mutations covered  ${share(mutationsCovered, mutations)}`,
    `attempts           ${String(attempts)}`,
    `differences        ${String(differences.length)}`,
    ...lines("Fields that nobody of our side was answered", missing(fields, fieldsCovered)),
    ...lines("Mutations that are not covered", missing(mutations, mutationsCovered)),
    ...lines(
      "Places that could not be tried",
      gaps.map(({ place, why }) => `${place}: ${why}`),
    ),
    ...lines(
      "Differences",
      differences.map(({ kind, at, caller, found }) => `${kind}  ${at}  as ${caller}: ${found}`),
    ),
    "",
  ].join("\n");
}
