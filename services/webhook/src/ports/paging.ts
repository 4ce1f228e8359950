export interface PageRequest {
  /** 1 to 100. */
  readonly first: number;
  /** Opaque; the `endCursor` of the page before. */
  readonly after?: string;
}
/** A page of a list that is not counted as a whole. */
export interface Slice<T> {
  readonly items: readonly T[];
  /** Of each item, where it is known. */
  readonly cursors?: readonly string[];
  readonly endCursor?: string;
  readonly hasNextPage: boolean;
}
/** A page of a list, oldest first unless its port says otherwise. */
export interface Page<T> extends Slice<T> {
  readonly totalCount: number;
}
