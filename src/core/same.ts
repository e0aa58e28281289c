import type { z } from "zod";

type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The schema itself where its types are exactly these, else what differs: the compiler then refuses the assignment. */
export type Same<S extends z.ZodType, Output, Input> =
  Equal<Plain<z.output<S>>, Plain<Output>> extends true
    ? Equal<Plain<z.input<S>>, Plain<Input>> extends true
      ? S
      : ["input differs", z.input<S>]
    : ["output differs", z.output<S>];
