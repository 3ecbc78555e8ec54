export { releaseCache } from "./release-cache.ts";
export {
  ensureRelease,
  isAtLeast,
  RELEASES,
  type Release,
  ReleaseUnavailableError,
} from "./releases.ts";
