/** What a record tells besides its text. */
export type OfferLogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where an operator reads of it. No record has keys, tokens, authorizations, queries of URLs or contents. */
export interface OfferLog {
  debug(message: string, fields?: OfferLogFields): void;
  /** Absent: nobody wants to know. */
  readonly info?: ((message: string, fields?: OfferLogFields) => void) | undefined;
  warn(message: string, fields?: OfferLogFields): void;
}

export const SILENT_LOG: OfferLog = { debug: () => {}, warn: () => {} };
