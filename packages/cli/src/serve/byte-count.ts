const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1_024, M: 1_048_576, G: 1_073_741_824 };

/** Read `512`, `64K`, `512M` or `2G`; `NaN` for anything else. */
export function byteCount(text: string): number {
  const [, digits, suffix = ""] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  return Number(digits) * (UNITS[suffix.toUpperCase()] ?? Number.NaN);
}
