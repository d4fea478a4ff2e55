// H1, H2, H3, H6, H7: nobody honest may suffer.

import { testScenarios } from "./scenario-tests.ts";

await testScenarios(["H1", "H2", "H3", "H6", "H7", "H7-office"]);
