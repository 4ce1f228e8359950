/**
 * A field's type when its class is declared further down in the same file: decorator metadata reads class names while the file loads,
 * and a class that is not there yet would fail.
 */
export type Later<T> = T;
