/** Whether a value carries a brand, so that two copies of this package in one program agree about its class. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  return typeof value === "object" && value !== null && brand in value;
}
