type Present<T extends object> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Those properties that have a value: what is undefined becomes absent. */
export function present<T extends object>(value: T): Present<T> {
  const given: Present<T> = {};
  for (const name of Object.keys(value) as (keyof T)[])
    if (value[name] !== undefined) given[name] = value[name] as Exclude<T[keyof T], undefined>;
  return given;
}
