/** The object without the named fields. */
export function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  const left = { ...value };
  for (const name of names) Reflect.deleteProperty(left, name);
  return left;
}
