export { O_PATH } from "./pinned-folder.ts";
export { RegistryFolders, registryPlaces, registryPrefix } from "./registry-folders.ts";
export { SyntheticTargets, type TargetHold } from "./synthetic-targets.ts";
