import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The repository. */
export const root = join(__dirname, "../../..");

/** A folder of its own that looks like the repository, for planting what must be caught. */
export interface Scratch {
  readonly folder: string;
  readonly write: (path: string, text: string) => void;
  /** Makes `path` lead to `target`, both inside the folder. */
  readonly link: (path: string, target: string) => void;
  readonly remove: () => void;
}

export function scratch(name: string): Scratch {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `greentick-${name}-`)));
  const placeOf = (path: string): string => {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  return {
    folder,
    write: (path, text) => {
      writeFileSync(placeOf(path), text);
    },
    link: (path, target) => {
      symlinkSync(join(folder, target), placeOf(path), "dir");
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
