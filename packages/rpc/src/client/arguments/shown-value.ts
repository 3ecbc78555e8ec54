/** Characters of a text that are shown. */
const SHOWN_CHARACTERS = 40;

/** A value as an error shows it: short, on one line, and without what is in an object. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") {
    const whole = value.length <= SHOWN_CHARACTERS;
    return `${JSON.stringify(whole ? value : value.slice(0, SHOWN_CHARACTERS))}${whole ? "" : "…"}`;
  }
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  const { name = "" } = (value.constructor as { readonly name?: unknown } | undefined) ?? {};
  return typeof name === "string" && name !== "" && name !== "Object" ? `an object of ${name}` : "an object";
}
