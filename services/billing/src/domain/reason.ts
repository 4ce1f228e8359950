/** One step of the way to a price: a stable rule name and a sentence for people. */
export interface Reason {
  readonly rule: string;
  readonly says: string;
}
