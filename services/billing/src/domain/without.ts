/** The value without some of its properties: absent is absent, not undefined. */
export function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  const rest: Partial<T> = {};
  for (const name of Object.keys(value) as (keyof T)[]) if (!names.includes(name as K)) rest[name] = value[name];
  return rest as Omit<T, K>;
}
