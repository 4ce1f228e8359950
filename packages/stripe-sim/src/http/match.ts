import { type Method } from "./route.js";

interface Pattern {
  readonly method: Method;
  readonly path: string;
}
export interface Match<R> {
  readonly route: R;
  readonly id: string;
}

/** Finds the route of a path; at most one `:id` per path. Earlier rows win. */
export function createMatcher<R extends Pattern>(
  routes: readonly R[],
): (method: string, path: string) => Match<R> | undefined {
  const rows = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(":id", "([^/]+)")}$`) }));
  return (method, path) => {
    for (const { route, pattern } of rows) {
      const found = route.method === method ? pattern.exec(path) : null;
      if (found) return { route, id: decode(found[1] ?? "") };
    }
    return undefined;
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
