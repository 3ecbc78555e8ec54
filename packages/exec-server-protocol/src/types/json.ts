/** A JSON object whose members this release does not describe further. */
export interface JsonObject {
  [member: string]: unknown;
}

/** The result of a method that has nothing to say: `{}`. Receivers ignore members they find in it. */
export type EmptyResult = Record<string, never>;
