import { type Delivery, LinkError, type LinkErrorCode } from "../../errors.ts";

/** Why there will be no line any more. Everything that is asked from then on fails with these same words. */
export interface LinkEnd {
  readonly code: LinkErrorCode;
  readonly message: string;
  readonly cause: unknown;
}

/** The error of a call on a link that is over. */
export function endError(
  { code, message, cause }: LinkEnd,
  { delivery, method }: { readonly delivery: Delivery; readonly method?: string | undefined },
): LinkError {
  return new LinkError(code, message, { delivery, method, cause });
}
