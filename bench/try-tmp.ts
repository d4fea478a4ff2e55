import { benchWatch } from "./watch.ts";

console.log(await benchWatch(console.error, process.argv.slice(2).map(Number)));
