import type { RawIssue } from "./refusal-text.ts";

/** What checks a value and gives it as a `T`: any schema of zod. Named here, so that who only sends and receives needs no zod. */
export interface Validator<T = unknown> {
  safeParse(
    value: unknown,
    words?: { readonly error?: (issue: RawIssue) => string | undefined },
  ):
    | { readonly success: true; readonly data: T; readonly error?: undefined }
    | { readonly success: false; readonly error: { readonly issues: readonly ValidatorIssue[] } };
}

/** One thing that is wrong with a value. */
export interface ValidatorIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}
