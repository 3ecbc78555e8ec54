export { CommandGroups, type GroupHold, type HandedGroups } from "./command-groups.ts";
export { groupPrefixOf } from "./group-names.ts";
export { groupPlaces } from "./group-places.ts";
export { findLimitMeans } from "./limit-means.ts";
