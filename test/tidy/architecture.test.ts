import assert from "node:assert/strict";
import { test } from "node:test";
import { describedRooms } from "./architecture.ts";

const TABLE = `
| room | what it is for | may import |
| --- | --- | --- |
| \`src/model\` | the nouns | nothing |
| \`src/census\` | one scan | model |
| \`src/judge\` | decides | model, types of census |
| \`src/record\` | the ledger | model, census (read) |
| \`src/guard\` | the loop | model, types of census and judge |
| \`src/daemon\` | wiring | all but record |
| \`lab\` | a victim | model |
| \`bench\` | measures | all, lab |
`;

test("describedRooms() reads every form of a row", () => {
  assert.deepEqual(describedRooms(TABLE), {
    "src/model": { all: [], types: [] },
    "src/census": { all: ["src/model"], types: [] },
    "src/judge": { all: ["src/model"], types: ["src/census"] },
    "src/record": { all: ["src/model", "src/census"], types: [] },
    "src/guard": { all: ["src/model"], types: ["src/census", "src/judge"] },
    "src/daemon": { all: ["src/model", "src/census", "src/judge", "src/guard"], types: [] },
    lab: { all: ["src/model"], types: [] },
    bench: {
      all: ["src/model", "src/census", "src/judge", "src/record", "src/guard", "src/daemon", "lab"],
      types: [],
    },
  });
});

test("describedRooms() refuses a room without a row, or with two", () => {
  assert.throws(() => describedRooms(`${TABLE}| \`src/sip\` | SIP | modle |\n`), /no row for modle/);
  assert.throws(() => describedRooms(`${TABLE}| \`lab\` | again | model |\n`), /two rows for lab/);
});
