// Preloaded into a protector (node --import): shifts its wall clock by the milliseconds in a file, which is read every
// 20 ms. So a clock jumps for one program alone, and the machine's own is never touched.

import { readFileSync } from "node:fs";

const file = process.env["SOCKWARDEN_LAB_CLOCK"];
const TrueDate = Date;
const trueNow = TrueDate.now;
let shiftMs = 0;

function readShift(): void {
  try {
    shiftMs = Number(readFileSync(file!, "latin1")) || 0;
  } catch {
    // The clock is true without the file.
    shiftMs = 0;
  }
}

if (file !== undefined) {
  readShift();
  setInterval(readShift, 20).unref();
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [trueNow() + shiftMs] : args),
    apply: (target) => new target(trueNow() + shiftMs).toString(),
    get: (target, name) => (name === "now" ? () => trueNow() + shiftMs : Reflect.get(target, name)),
  });
}
