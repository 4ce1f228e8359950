/** A lane with bodies waiting in it, and whose it is. */
export interface OwnedLane {
  readonly lane: string;
  readonly owner: string;
}

/**
 * Whose turn it is: at most so many owners, in rotation behind `after`, and one lane of each, another one every round. However much one of them
 * sends, and through however many accounts, it has one turn where the others have one.
 */
export function turnsOf(
  lanes: readonly OwnedLane[],
  { after, round, most }: { readonly after: string; readonly round: number; readonly most: number },
): readonly OwnedLane[] {
  const byOwner = new Map<string, OwnedLane[]>();
  for (const one of lanes) byOwner.set(one.owner, [...(byOwner.get(one.owner) ?? []), one]);
  const owners = [...byOwner.keys()].toSorted();
  const next = owners.findIndex((owner) => owner > after);
  const rotated = next < 0 ? owners : [...owners.slice(next), ...owners.slice(0, next)];
  return rotated.slice(0, most).flatMap((owner) => {
    const theirs = byOwner.get(owner) ?? [];
    return theirs[round % theirs.length] ?? [];
  });
}

/** A body of several lanes, or of lanes not known. */
export interface Together {
  readonly key: string;
  readonly sequence: string;
  /** Undefined where they are not known. */
  readonly lanes?: readonly string[];
}

/** Up to where a lane's own bodies may pass: not beyond the first body that it shares with others, nor beyond the last shared one that was looked at. */
export function barrierOf(
  lane: string,
  together: readonly Together[],
  looked: { readonly all: boolean },
): string | undefined {
  const first = together.find(({ lanes }) => lanes === undefined || lanes.includes(lane));
  return first?.sequence ?? (looked.all ? undefined : together.at(-1)?.sequence);
}
