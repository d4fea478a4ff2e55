import { describeBackend, traitOf } from "./enforce-conformance.ts";

describeBackend(traitOf("ipset"));
