export {
  isEnvironmentId,
  isEnvironmentPattern,
  MAX_ENVIRONMENT_ID_LENGTH,
  matchesEnvironment,
} from "./environment-pattern.ts";
export { isExpired, TOKEN_ROLES, type TokenEntry, type TokenRole } from "./token.ts";
export { permits, TokenSet } from "./token-set.ts";
export { addToken, readTokensFile, revokeToken, type TokenRequest, TokensFileError } from "./tokens-file.ts";
export { isTokenName } from "./tokens-text.ts";
export { WatchedTokens, type WatchedTokensOptions } from "./watched-tokens.ts";
