import { asking, type Arguments } from "./documents.js";
import { kindOf, neverLike } from "./ids.js";
import { type Ledger } from "./ledger.js";
import { valueAt, withValue } from "./schema-places.js";
import { type Answerable } from "./survey.js";
import { together } from "./together.js";
import { compareTwins } from "./twins.js";

/** An id of another kind of theirs, where one of ours of the right kind is answered: it means nothing there, like one of nobody's. */
export async function attemptSwaps(ledger: Ledger, answerable: readonly Answerable[]): Promise<void> {
  const secret = [...ledger.private()];
  const kinds = new Map(secret.map(([id, kind]) => [kind, id]));
  for (const { field, fitting } of answerable)
    for (const { place, args, caller } of fitting.filter(
      (one, at) => one.place?.scalar === "ID" && fitting.findIndex(({ place: p }) => p === one.place) === at,
    )) {
      if (place === undefined) continue;
      const own = String(valueAt(args, place.path));
      const foreign = [...kinds].filter(([kind]) => kindOf(own, "") !== kind).map(([, id]) => id);
      await together(foreign, (theirs) =>
        compareTwins(ledger, {
          what: `${field.name}(${place.path.join(".")})`,
          caller,
          theirs,
          nobodys: neverLike(theirs),
          ask: (value) =>
            ledger.ask(caller, asking("query", field, withValue(args, place.path, value) as Arguments, 1), {
              what: field.name,
              root: "Query",
              named: [value],
            }),
        }),
      );
    }
}
