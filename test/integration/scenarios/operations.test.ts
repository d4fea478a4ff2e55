// O1, O2: troubles of the guard itself, and many bans.

import { testScenarios } from "./scenario-tests.ts";

await testScenarios(["O1-flush", "O1-kill", "O1-restart", "O1-disk", "O1-clock", "O2"]);
