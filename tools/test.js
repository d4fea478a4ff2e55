// npm test: sets up what is missing, says what this machine cannot run, then runs the whole gate.

import path from "node:path";
import { ensurePackages, ensureSystemPackages, modernNode, root, run } from "./setup.js";

ensurePackages();
ensureSystemPackages();
process.exit(run(modernNode(), [path.join(root, "tools/check.js"), ...process.argv.slice(2)]));
