import { shownText } from "@holdfast/rpc";

const HIDDEN = "***";
/** Longest text of an attempt that is told, characters. */
const TOLD_MAX_CHARACTERS = 2_048;
/** Shorter ones are no secrets, and would be found in innocent words. */
const SECRET_MIN_CHARACTERS = 4;
/** Parameters and variables that are shorter are found in innocent words, too. */
const PARAMETER_MIN_CHARACTERS = 8;

/** A text on one line and of bounded length, in which no URL has a query or a password, and none of the secrets stands. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  const oneLine = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const hidden = secrets
    .filter((secret) => secret.length >= SECRET_MIN_CHARACTERS)
    .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), oneLine);
  const shown = shownText(hidden);
  return shown.length <= TOLD_MAX_CHARACTERS ? shown : `${shown.slice(0, TOLD_MAX_CHARACTERS)}…`;
}

/** An error that may be a cause: as it is where nothing of it is secret, else its text alone. */
export function causeWithoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  for (let each = error, depth = 0; each !== undefined && depth < MAX_CAUSES; depth += 1) {
    const text = each instanceof Error ? `${each.message}\n${each.stack ?? ""}` : String(each);
    if (hasSecrets(text, secrets)) {
      const shown = new Error(withoutSecrets(error instanceof Error ? error.message : String(error), secrets));
      if (error instanceof Error) shown.name = error.name;
      return shown;
    }
    each = each instanceof Error ? each.cause : undefined;
  }
  return error;
}

const MAX_CAUSES = 16;

function hasSecrets(text: string, secrets: readonly string[]): boolean {
  if (secrets.some((secret) => secret.length >= SECRET_MIN_CHARACTERS && text.includes(secret))) return true;
  return shownText(text) !== text;
}

/** What of a URL may be a secret, wherever it stands: its password, and the values of its query. */
export function secretsOf(address: string | URL): readonly string[] {
  const url = URL.parse(String(address));
  if (url === null) return [];
  return secretValues([url.password, ...url.searchParams.values(), url.hash.slice(1)]);
}

/** Those of some values that are not found in innocent words. */
export function secretValues(values: readonly string[]): readonly string[] {
  return values.filter((value) => value.length >= PARAMETER_MIN_CHARACTERS);
}
