/** Nobody knows at the moment: the servers can not be reached, or have no leader yet. It may be tried again. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
