// npm run build: compiles what is published into dist, from nothing, so that no file outlives its source there.

import { rmSync } from "node:fs";
import path from "node:path";
import { modernNode, root, run } from "./setup.js";

rmSync(path.join(root, "dist"), { recursive: true, force: true });
process.exit(run(modernNode(), [path.join(root, "node_modules/.bin/tsc"), "-p", "tsconfig.build.json"]));
