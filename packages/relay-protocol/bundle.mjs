import { bundleLibrary } from "@holdfast/bundle/library.mjs";

await bundleLibrary(new URL(".", import.meta.url));
