/** Why an event lies among the dead letters; each says what gets it out. */
export const deadLetterReasons = {
  failed: "Its consumer failed at every try; the error tells how. Hand it in again when the cause is gone.",
  unknown_version:
    "It is newer than its consumer reads, as happens while a new release is rolled out. It is handed in by itself once that release runs.",
} as const;
