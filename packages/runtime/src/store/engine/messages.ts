/** What the process that wants a store tells its engine process, over the channel Node gives a forked child. */
export type ToEngine =
  | { kind: "open"; dataDir: string; port: number; nativeLibrary: string | undefined }
  | { kind: "expire"; at: number }
  | { kind: "close" };

/** What the engine process answers. `open` and `expire` have one answer; `trouble` comes unasked. */
export type FromEngine =
  | { kind: "ready"; port: number }
  | { kind: "refused"; why: "locked" | "engine" | "port"; words: string }
  | { kind: "expired"; deleted: number }
  | { kind: "expire_failed"; words: string }
  | { kind: "trouble"; words: string };
