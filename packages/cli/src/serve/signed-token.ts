/** What a signed token must be, besides signed. */
export interface SignedTokenRules {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** How far the clocks of who signs and who checks may differ. */
  readonly maxClockSkewSeconds: number;
}

/** What is wrong with a token, in the words of Codex; or whom it is about, where it says. */
export type SignedTokenVerdict = { readonly refusal: string } | { readonly subject: string | undefined };

const INVALID = { refusal: "invalid websocket jwt" } as const;

/** Three parts in base64url without padding. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** Of the header, what must be text if it is there. */
const TEXTS_OF_HEADER = ["typ", "cty", "jku", "kid", "x5u", "x5t", "x5t#S256"];
/** Times are whole numbers of 64 bits; as numbers here they come close enough. */
const LATEST = 2 ** 63;

/**
 * A check of tokens that are signed with a shared secret by HS256, and with nothing else.
 *
 * @param nowSeconds - The time, in seconds since 1970.
 */
export async function signedTokenCheck(
  secret: Uint8Array,
  rules: SignedTokenRules,
  nowSeconds: () => number = () => Math.floor(Date.now() / 1_000),
): Promise<(token: string) => Promise<SignedTokenVerdict>> {
  const { compactVerify } = await import("jose/jws/compact/verify");
  return async (token) => {
    if (!COMPACT.test(token)) return INVALID;
    try {
      const { payload, protectedHeader } = await compactVerify(token, secret, { algorithms: ["HS256"] });
      const claims: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
      if (!isTextual(protectedHeader) || !isObject(claims)) return INVALID;
      return judge(claims, rules, nowSeconds());
    } catch {
      return INVALID;
    }
  };
}

function isTextual(header: object): boolean {
  const entries = new Map<string, unknown>(Object.entries(header));
  return TEXTS_OF_HEADER.every((name) => isAbsent(entries.get(name)) || typeof entries.get(name) === "string");
}

type Claims = Readonly<Record<string, unknown>>;

function judge(
  claims: Claims,
  { issuer, audience, maxClockSkewSeconds }: SignedTokenRules,
  now: number,
): SignedTokenVerdict {
  const { exp, nbf, iss, aud, sub } = claims;
  const audiences = typeof aud === "string" ? [aud] : aud;
  const isReadable =
    isTime(exp) &&
    (isAbsent(nbf) || isTime(nbf)) &&
    (isAbsent(iss) || typeof iss === "string") &&
    (isAbsent(audiences) || (Array.isArray(audiences) && audiences.every((each) => typeof each === "string")));
  if (!isReadable) return INVALID;
  if (now > exp + maxClockSkewSeconds) return { refusal: "expired websocket jwt" };
  if (isTime(nbf) && nbf > now + maxClockSkewSeconds) return { refusal: "websocket jwt is not valid yet" };
  if (issuer !== undefined && iss !== issuer) return { refusal: "websocket jwt issuer mismatch" };
  if (audience !== undefined && !(Array.isArray(audiences) && audiences.includes(audience))) {
    return { refusal: "websocket jwt audience mismatch" };
  }
  return { subject: typeof sub === "string" && sub !== "" ? sub : undefined };
}

function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= LATEST;
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
