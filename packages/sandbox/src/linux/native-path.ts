/** The folder that a native POSIX path is in; that of the root is the root. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end <= 0 ? "/" : path.slice(0, end);
}

/** A name below a folder. */
export function childOf(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** The names of a path, without empty ones. */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** Is `path` at or below `folder`? Both absolute and without dots. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** How many names a path has. */
export function depthOf(path: string): number {
  let depth = 0;
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] !== "/" && (at === 0 || path[at - 1] === "/")) depth += 1;
  }
  return depth;
}

/** An order in which every folder comes before what is below it, and which depends on nothing but the paths. */
export function byDepth(a: { readonly path: string }, b: { readonly path: string }): number {
  return depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}
